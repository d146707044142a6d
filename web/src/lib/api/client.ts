/** The one way to the server: requests with the session's CSRF token, failures as RequestError. */

/** A refusal or a failure, with the sentence the server gave for it. */
export class RequestError extends Error {
  constructor(
    readonly status: number, // 0: the server was not reached
    readonly code: string,
    message: string,
    readonly details: Record<string, unknown> = {},
  ) {
    super(message);
  }

  get isUnreachable(): boolean {
    return this.status === 0;
  }

  /** Which value of the request it is about, such as `ceiling.tokens`; empty where it is about none. */
  get field(): string {
    return typeof this.details["field"] === "string" ? this.details["field"] : "";
  }

  /** What is said of that value, to stand at its field: without its name. Empty where it is about another. */
  at(field: string): string {
    const all = this.details["fields"] as Record<string, string> | undefined;
    const told = all?.[field] ?? (this.field === field ? this.message : "");
    if (!field || !told) return "";
    const says = told.startsWith(`${field} `) ? told.slice(field.length + 1) : told;
    return says.charAt(0).toUpperCase() + says.slice(1);
  }
}

interface RequestOptions {
  method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  json?: unknown;
  body?: Blob;
  /** A list is the same name several times. */
  query?: Record<string, string | number | boolean | string[] | undefined>;
  signal?: AbortSignal;
}

const UNREACHABLE = "Everword does not answer. Look whether it still runs, then try again.";

let csrfToken = "";
let whenSignedOut: () => void = () => undefined;

export function useCsrfToken(token: string): void {
  csrfToken = token;
}

/** Names what happens when the server says that the session has ended. */
export function onSignedOut(act: () => void): void {
  whenSignedOut = act;
}

export function addressOf(path: string, query: RequestOptions["query"] = {}): string {
  const values = Object.entries(query).flatMap(([name, value]) =>
    value === undefined ? [] : [value].flat().map((each) => [name, String(each)]),
  );
  return values.length ? `/api${path}?${new URLSearchParams(values)}` : `/api${path}`;
}

/** Asks the server and returns its JSON (undefined where it has none). */
export async function request<Answer>(path: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await send(path, options);
  if (!response.ok) throw await refusalOf(response, path);
  const body = await response.text();
  return (body ? JSON.parse(body) : undefined) as Answer;
}

/** Asks the server for what comes piece by piece: the caller reads the body. */
export async function stream(path: string, options: RequestOptions): Promise<Response> {
  const response = await send(path, options);
  if (!response.ok) throw await refusalOf(response, path);
  return response;
}

async function send(path: string, { method = "GET", json, body, query, signal }: RequestOptions): Promise<Response> {
  const headers: Record<string, string> = { Accept: "application/json" };
  if (method !== "GET" && csrfToken) headers["X-CSRF-Token"] = csrfToken;
  if (json !== undefined) headers["Content-Type"] = "application/json";
  if (body) headers["Content-Type"] = body.type || "application/octet-stream";
  try {
    return await fetch(addressOf(path, query), {
      method,
      headers,
      credentials: "same-origin",
      cache: "no-store",
      ...(json !== undefined && { body: JSON.stringify(json) }),
      ...(body && { body }),
      ...(signal && { signal }),
    });
  } catch (error) {
    if (error instanceof DOMException && error.name === "AbortError") throw error;
    throw new RequestError(0, "unreachable", UNREACHABLE);
  }
}

/** Sends a file as the body and tells how many bytes have gone: what fetch cannot. */
export function upload<Answer>(
  path: string,
  file: File,
  query: RequestOptions["query"],
  whenSent: (bytes: number) => void,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const call = new XMLHttpRequest();
    call.open("POST", addressOf(path, query));
    call.setRequestHeader("Accept", "application/json");
    call.setRequestHeader("Content-Type", "application/octet-stream");
    call.setRequestHeader("X-CSRF-Token", csrfToken);
    call.upload.onprogress = (event) => whenSent(event.loaded);
    call.onload = () => {
      if (call.status < 300) resolve(JSON.parse(call.responseText) as Answer);
      else reject(refusalFrom(call.status, call.responseText, path));
    };
    call.onerror = () => reject(new RequestError(0, "unreachable", UNREACHABLE));
    call.onabort = () => reject(new DOMException("The upload was stopped.", "AbortError"));
    signal.addEventListener("abort", () => call.abort());
    call.send(file);
  });
}

async function refusalOf(response: Response, path: string): Promise<RequestError> {
  return refusalFrom(response.status, await response.text(), path);
}

function refusalFrom(status: number, body: string, path: string): RequestError {
  let code = "unexpected";
  let message = `The server answered ${status}. Try again; “everword doctor” says what is wrong.`;
  let details: Record<string, unknown> = {};
  try {
    const answer = JSON.parse(body) as { error?: { code?: string; message?: string } } & Record<string, unknown>;
    details = { ...answer, ...answer.error };
    code = answer.error?.code ?? code;
    message = answer.error?.message ?? message;
  } catch {
    // Not ours: a proxy's page. The sentence above stands.
  }
  if (status === 401 && code === "not_signed_in" && path !== "/session") whenSignedOut();
  return new RequestError(status, code, message, details);
}
