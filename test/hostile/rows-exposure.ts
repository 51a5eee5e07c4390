import {
  get,
  type Headers,
  type HostileRow,
  request,
  said,
  speak,
  upgrade,
  withKey,
} from "./acts.ts";

/** The server of these rows; 127.0.0.1 is a proxy that is trusted, and 203.0.113.0/24 another one. */
export const exposedFlags = {
  trustProxy: "127.0.0.1, 203.0.113.0/24",
  allowedHosts: "speech.example.com, *.example.org",
  allowedOrigins: "https://app.example.com, https://*.example.org",
  maxConnectionsPerAddress: "2",
} as const;

const host: Headers = { ...withKey, host: "speech.example.com" };
const wrongHost = { answer: "421 host_not_allowed" } as const;
const wrongOrigin = { answer: "403 origin_not_allowed" } as const;
const spoken = { answer: "200 audio", spoken: said.length } as const;

const hosts: readonly HostileRow[] = [
  { name: "a host of the list", send: speak(host), ...spoken },
  {
    name: "the same with a port, in capitals",
    send: speak({ ...host, host: "Speech.Example.COM:8443" }),
    ...spoken,
  },
  { name: "a name of an attacker", send: speak({ ...host, host: "evil.test" }), ...wrongHost },
  {
    name: "a name that only begins like one of the list",
    send: speak({ ...host, host: "speech.example.com.evil.test" }),
    ...wrongHost,
  },
  {
    name: "a name that only ends like one of the list",
    send: speak({ ...host, host: "evilexample.org" }),
    ...wrongHost,
  },
  {
    name: "the address instead of a name",
    send: speak({ ...host, host: "127.0.0.1" }),
    ...wrongHost,
  },
  {
    name: "a good host that a proxy heard of",
    send: speak({
      ...host,
      host: "evil.test",
      "x-forwarded-host": "speech.example.com",
      forwarded: "host=speech.example.com",
    }),
    ...wrongHost,
  },
  {
    name: "another host in the address itself",
    send: request("GET http://evil.test/v1/voices", host),
    ...wrongHost,
  },
  {
    name: "an unknown address under a wrong name",
    send: get("/v1/nothing", { ...host, host: "evil.test" }),
    ...wrongHost,
  },
  {
    name: "a socket under a wrong name",
    send: upgrade({ ...host, host: "evil.test" }),
    ...wrongHost,
  },
  { name: "a probe by address", send: get("/health", { host: "10.0.0.7:8080" }), answer: "200" },
];

const origins: readonly HostileRow[] = [
  {
    name: "a page of the list",
    send: speak({ ...host, origin: "https://app.example.com" }),
    ...spoken,
  },
  {
    name: "a page of an attacker",
    send: speak({ ...host, origin: "https://evil.test" }),
    ...wrongOrigin,
  },
  {
    name: "the right page without encryption",
    send: speak({ ...host, origin: "http://app.example.com" }),
    ...wrongOrigin,
  },
  {
    name: "the right page on another port",
    send: speak({ ...host, origin: "https://app.example.com:444" }),
    ...wrongOrigin,
  },
  {
    name: "a page that hides where it is from",
    send: speak({ ...host, origin: "null" }),
    ...wrongOrigin,
  },
  {
    name: "a page that asks whether it may ask",
    send: request("OPTIONS /v1/voices", {
      ...host,
      origin: "https://evil.test",
      "access-control-request-method": "GET",
    }),
    ...wrongOrigin,
  },
  {
    name: "a page of the list that asks so",
    send: request("OPTIONS /v1/voices", {
      ...host,
      origin: "https://a.example.org",
      "access-control-request-method": "GET",
    }),
    answer: "204",
  },
  {
    name: "a socket of a page of an attacker, with a good key",
    send: upgrade({ ...host, origin: "https://evil.test" }),
    ...wrongOrigin,
  },
];

/** A key that is good from 192.0.2.0/24 alone, asked with from where it says. */
const from = (forwardedFor: string): Headers => ({
  host: "speech.example.com",
  "xi-api-key": "sk_elsewhere_112233445566778899aabbccddeeff",
  "x-forwarded-for": forwardedFor,
});
const badKey = { answer: "401 invalid_api_key" } as const;

const addresses: readonly HostileRow[] = [
  { name: "a key from its address, as the proxy says", send: speak(from("192.0.2.7")), ...spoken },
  { name: "the same through two proxies", send: speak(from("192.0.2.7, 203.0.113.9")), ...spoken },
  { name: "a key from another address", send: speak(from("198.51.100.7")), ...badKey },
  {
    name: "an invented address in front of the true one",
    send: speak(from("192.0.2.7, 198.51.100.7")),
    ...badKey,
  },
  {
    name: "an invented address behind a proxy that is none",
    send: speak(from("192.0.2.7, 198.51.100.1, 203.0.113.9")),
    ...badKey,
  },
  { name: "an address that is none", send: speak(from("192.0.2.7, unknown")), ...badKey },
  {
    name: "an address in another header",
    send: speak({ ...from(""), "x-real-ip": "192.0.2.7", forwarded: "for=192.0.2.7" }),
    ...badKey,
  },
  {
    name: "an address in two headers, of which the last counts",
    send: speak({ ...from("192.0.2.7"), "X-Forwarded-For": "198.51.100.7" }),
    ...badKey,
  },
];

export const exposureRows: readonly HostileRow[] = [...hosts, ...origins, ...addresses];
