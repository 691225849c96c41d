/** The console's REST API as the page uses it: one error shape, one place that knows about the session's token. */

export class ApiError extends Error {
  constructor(
    /** HTTP status; 0 when the console could not be reached at all. */
    readonly status: number,
    readonly code: string,
    message: string,
    /** The server's id of this error, to be found in its log; empty when there is none. */
    readonly id: string,
  ) {
    super(message);
  }
}

export const API = '/api/v1';

let csrfToken = '';
let onSignedOut: () => void = () => {};

export function setCsrfToken(token: string): void {
  csrfToken = token;
}

/** Called whenever the server says that nobody is signed in (any more). */
export function onSessionLost(listener: () => void): void {
  onSignedOut = listener;
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null;
}

function errorOf(status: number, body: unknown): ApiError {
  const error = isRecord(body) && isRecord(body['error']) ? body['error'] : {};
  const text = (key: string) => (typeof error[key] === 'string' ? error[key] : '');
  return new ApiError(status, text('code') || `http_${status}`, text('message'), text('id'));
}

export type Method = 'GET' | 'POST' | 'PUT' | 'DELETE';

async function send<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  const headers: Record<string, string> = { accept: 'application/json' };
  const init: RequestInit = { method, headers, credentials: 'same-origin', cache: 'no-store' };
  if (method !== 'GET') {
    headers['content-type'] = 'application/json';
    headers['x-csrf-token'] = csrfToken;
    init.body = JSON.stringify(body ?? {});
  }
  if (signal) init.signal = signal;
  let response: Response;
  try {
    response = await fetch(`${API}${path}`, init);
  } catch (cause) {
    if (cause instanceof DOMException && cause.name === 'AbortError') throw cause;
    throw new ApiError(0, 'unreachable', '', '');
  }
  const text = await response.text();
  let parsed: unknown;
  try {
    parsed = text === '' ? {} : JSON.parse(text);
  } catch {
    throw new ApiError(response.status, 'no_json', '', '');
  }
  if (!response.ok) {
    if (response.status === 401 && path !== '/login') onSignedOut();
    throw errorOf(response.status, parsed);
  }
  return parsed as T;
}

/** Asks the person for the password again; false: it was not given. */
let confirmPassword: () => Promise<boolean> = async () => false;

export function onConfirmNeeded(ask: () => Promise<boolean>): void {
  confirmPassword = ask;
}

async function call<T>(method: Method, path: string, body?: unknown, signal?: AbortSignal): Promise<T> {
  try {
    return await send<T>(method, path, body, signal);
  } catch (cause) {
    const mayHelp = cause instanceof ApiError && cause.code === 'confirm';
    if (!mayHelp || !(await confirmPassword())) throw cause;
    return send<T>(method, path, body, signal);
  }
}

export function put<T>(path: string, body?: unknown): Promise<T> {
  return call<T>('PUT', path, body);
}

export function del<T>(path: string): Promise<T> {
  return call<T>('DELETE', path);
}

export function get<T>(path: string, signal?: AbortSignal): Promise<T> {
  return call<T>('GET', path, undefined, signal);
}

export function post<T>(path: string, body?: unknown): Promise<T> {
  return call<T>('POST', path, body);
}

const MAX_WAIT_SECONDS = 60;

/** Bytes of a file; the answer as from `call`. Waits when the console says that it is too much at once. */
export async function putBytes<T>(path: string, bytes: Blob): Promise<T> {
  for (;;) {
    let response: Response;
    try {
      response = await fetch(`${API}${path}`, {
        method: 'PUT',
        body: bytes,
        credentials: 'same-origin',
        headers: { 'content-type': 'application/octet-stream', 'x-csrf-token': csrfToken },
      });
    } catch {
      throw new ApiError(0, 'unreachable', '', '');
    }
    const seconds = Number(response.headers.get('retry-after'));
    if (response.status === 429 && seconds > 0) {
      await new Promise((resolve) => setTimeout(resolve, Math.min(seconds, MAX_WAIT_SECONDS) * 1000));
      continue;
    }
    const parsed: unknown = await response.json().catch(() => ({}));
    if (response.status === 401) onSignedOut();
    if (!response.ok) throw errorOf(response.status, parsed);
    return parsed as T;
  }
}

/** A query string of those parameters that have a value, in a stable order (the page's cache is keyed by it). */
export function query(params: Record<string, string | number | undefined>): string {
  const search = new URLSearchParams();
  for (const [name, value] of Object.entries(params)) {
    if (value !== undefined && value !== '') search.set(name, String(value));
  }
  const text = search.toString();
  return text === '' ? '' : `?${text}`;
}
