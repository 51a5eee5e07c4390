import type { FastifyReply, FastifyRequest } from "fastify";
import type { Account } from "../protocol/accounts.ts";
import type {
  Dialect,
  HttpRequest,
  HttpRoute,
  MultipartForm,
  RequestHead,
  UploadedFile,
} from "../protocol/dialect.ts";
import type { RequestSubject } from "../protocol/observer.ts";
import { SpeechError } from "../protocol/problems.ts";
import { readUrl, withoutCredentials } from "./request-url.ts";

/** The header that names a connection or request to its client. */
export const traceHeader = "x-trace-id";

/** What a form may hold. */
export const formLimits = {
  fileSize: 262_144,
  files: 1,
  fields: 20,
  fieldSize: 65_536,
  fieldNameSize: 100,
  headerPairs: 20,
} as const;

declare module "fastify" {
  interface FastifyRequest {
    /** Whoever was let in. */
    account: Account | undefined;
  }
}

/** Whoever was let in with a request, which every route asks for before it answers. */
export function accountOf({ account }: FastifyRequest): Account {
  if (!account) throw new SpeechError("authentication_required");
  return account;
}

/** A request as its route sees it. @throws {SpeechError} for a body that the route does not take */
export async function readRequest(
  request: FastifyRequest,
  takes: HttpRoute["takes"],
): Promise<HttpRequest> {
  const head = { ...readHead(request), account: accountOf(request) };
  const isForm = request.isMultipart();
  if (takes === "nothing") return { ...head, body: undefined };
  if (takes === "form") {
    if (!isForm) throw new SpeechError("form_expected");
    return { ...head, body: await readForm(request) };
  }
  if (isForm) throw new SpeechError("unsupported_media_type");
  return { ...head, body: request.body };
}

/** A request before its body. */
export function readHead(request: FastifyRequest): RequestHead & Pick<HttpRequest, "id"> {
  const { headers } = request;
  const url = request.raw.url ?? "";
  const queryAt = url.indexOf("?");
  return {
    params: request.params as Record<string, string>,
    query: new URLSearchParams(queryAt < 0 ? "" : url.slice(queryAt + 1)),
    header: (name) => {
      const value = headers[name];
      return Array.isArray(value) ? value[0] : value;
    },
    id: request.id,
  };
}

/** What is told of a request to whoever watches. */
export function subjectOf(
  request: FastifyRequest,
  reply: FastifyReply,
  dialect: Dialect,
): RequestSubject {
  const head = readHead(request);
  return {
    method: request.method,
    dialect: dialect.name,
    route: request.routeOptions.url ?? "",
    url: withoutCredentials(readUrl(request.raw)),
    traceId: String(reply.getHeader(traceHeader)),
    credential: dialect.credential(head)?.kind ?? "none",
    header: (name) => head.header(name),
  };
}

async function readForm(request: FastifyRequest): Promise<MultipartForm> {
  const fields = new Map<string, string>();
  const files: UploadedFile[] = [];
  try {
    for await (const part of request.parts()) {
      if (part.type === "file") {
        files.push({ field: part.fieldname, bytes: await part.toBuffer() });
      } else if (part.valueTruncated || part.fieldnameTruncated) {
        throw new SpeechError("message_too_big", { limit: formLimits.fieldSize });
      } else {
        fields.set(part.fieldname, String(part.value));
      }
    }
  } catch (error) {
    throw error instanceof SpeechError ? error : formErrorOf(error);
  }
  return { fields, files };
}

function formErrorOf(error: unknown): SpeechError {
  const code = error instanceof Error && "code" in error ? String(error.code) : "";
  if (code === "FST_REQ_FILE_TOO_LARGE") {
    return new SpeechError("message_too_big", { limit: formLimits.fileSize }, error);
  }
  const reason = /LIMIT/.test(code) ? "The form has too many parts" : "The form is broken";
  return new SpeechError("invalid_body", { kind: "form_invalid", reason }, error);
}
