import { describe, expect, it } from "vitest";
import { readSettings, SettingError, settingRows, type SettingName } from "./settings.ts";

const names = Object.keys(settingRows).filter((name): name is SettingName => name in settingRows);

describe("settings", () => {
  it("have defaults", () => {
    expect(readSettings()).toMatchObject({
      host: "127.0.0.1",
      port: 8080,
      dataDir: "./data",
      apiKey: undefined,
      auth: "on",
      logLevel: "info",
      drainSeconds: 30,
    });
  });

  it("rank: defaults, file, environment, flags", () => {
    const file = { port: 1, host: "file", auth: "off" };
    const env = { SYRINX_PORT: "2", SYRINX_HOST: "env" };
    const flags = { port: "3" };
    expect(readSettings({ file })).toMatchObject({ port: 1, host: "file", auth: "off" });
    expect(readSettings({ file, env })).toMatchObject({ port: 2, host: "env", auth: "off" });
    expect(readSettings({ file, env, flags })).toMatchObject({
      port: 3,
      host: "env",
      auth: "off",
      dataDir: "./data",
    });
  });

  it("take PORT below SYRINX_PORT", () => {
    expect(readSettings({ env: { PORT: "7" } }).port).toBe(7);
    expect(readSettings({ env: { PORT: "7", SYRINX_PORT: "8" } }).port).toBe(8);
  });

  it("take an empty variable for an absent one", () => {
    expect(readSettings({ env: { SYRINX_PORT: "", SYRINX_API_KEY: "" } })).toMatchObject({
      port: 8080,
      apiKey: undefined,
    });
  });

  it("ignore variables of others", () => {
    expect(readSettings({ env: { HOME: "/", XSYRINX_PORT: "x" } }).port).toBe(8080);
  });

  it.each<[Parameters<typeof readSettings>[0], string]>([
    [{ env: { SYRINX_PROT: "1" } }, "SYRINX_PROT is no setting"],
    [{ env: { SYRINX_PORT: "x" } }, "SYRINX_PORT must be a whole number from 0 to 65535."],
    [{ env: { SYRINX_PORT: "1.5" } }, "SYRINX_PORT must be"],
    [{ env: { SYRINX_PORT: "-1" } }, "SYRINX_PORT must be"],
    [{ env: { SYRINX_API_KEY: "seven77" } }, "SYRINX_API_KEY must be at least 8 characters."],
    [{ flags: { auth: "no" } }, "--auth must be on or off."],
    [{ flags: { host: "" } }, "--host must be"],
    [{ flags: { workers: "0" } }, "--workers must be a whole number from 1 to 1024."],
    [{ flags: { pathPrefix: "speech" } }, "--path-prefix must be a path"],
    [{ flags: { tlsCert: "a" } }, "--tls-cert and --tls-key go together"],
    [{ flags: { trustProxy: "10.0.0.0/33" } }, "--trust-proxy must be addresses or ranges"],
    [{ flags: { trustProxy: "all" } }, "--trust-proxy must be addresses or ranges"],
    [{ flags: { allowedHosts: "https://a.test" } }, "--allowed-hosts must be host names"],
    [{ flags: { allowedHosts: "a.test:80" } }, "--allowed-hosts must be host names"],
    [{ flags: { allowedHosts: " , " } }, "--allowed-hosts must be host names"],
    [{ flags: { allowedHosts: "a*.test" } }, "--allowed-hosts must be host names"],
    [{ flags: { allowedOrigins: "app.test" } }, "--allowed-origins must be origins"],
    [{ flags: { allowedOrigins: "https://app.test/" } }, "--allowed-origins must be origins"],
    [
      { file: { allowedOrigins: [7] } },
      '"allowedOrigins" in the configuration file must be origins',
    ],
    [{ file: { prot: 1 } }, '"prot" in the configuration file is no setting'],
    [{ file: { port: "x" } }, '"port" in the configuration file must be'],
    [{ file: { constructor: 1 } }, '"constructor" in the configuration file is no setting'],
    [{ file: [] }, "The configuration file must hold one JSON object."],
    [{ file: null }, "The configuration file must hold one JSON object."],
  ])("that are wrong stop the start with one line: %j", (sources, message) => {
    const read = (): unknown => readSettings(sources);
    expect(read).toThrow(SettingError);
    expect(read).toThrow(message);
  });

  it("take lists with commas, and as lists in a file", () => {
    const env = {
      SYRINX_TRUST_PROXY: "loopback, 10.0.0.0/8,2001:db8::/32",
      SYRINX_ALLOWED_HOSTS: "a.test, *.b.test,192.0.2.7, [::1]",
    };
    const file = {
      allowedOrigins: ["https://a.test", "http://localhost:3000", "https://*.b.test"],
    };
    expect(readSettings({ env, file })).toMatchObject({
      trustProxy: ["loopback", "10.0.0.0/8", "2001:db8::/32"],
      allowedHosts: ["a.test", "*.b.test", "192.0.2.7", "[::1]"],
      ...file,
    });
    expect(readSettings()).toMatchObject({
      trustProxy: undefined,
      allowedHosts: ["*"],
      allowedOrigins: ["*"],
    });
  });

  it("never show a value, which may be a key", () => {
    expect(() => readSettings({ env: { SYRINX_API_KEY: "seven77" } })).toThrow(/^(?!.*seven77).*$/);
  });

  it("have names of their own in each place, and defaults that pass", () => {
    const variables = names.flatMap((name) => settingRows[name].env);
    expect(new Set(variables).size).toBe(variables.length);
    const flags = names.flatMap((name) => settingRows[name].flag ?? []);
    expect(new Set(flags).size).toBe(flags.length);
    // The command line turns a flag into the setting's name by itself.
    const camel = flags.map((flag) => flag.replaceAll(/-(\w)/g, (_, c: string) => c.toUpperCase()));
    expect(camel).toEqual(names.filter((name) => settingRows[name].flag !== undefined));
  });
});
