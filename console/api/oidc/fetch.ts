import { type IncomingMessage, request as requestHttp } from 'node:http';
import { request as requestHttps } from 'node:https';
import type { CustomFetch } from 'openid-client';
import { isSafeUrl } from './settings.js';

/** Discovery documents and key sets have some kilobytes; more is not an answer of a sign-in service. */
export const MAX_ANSWER_BYTES = 262_144;
const MAX_HEADER_BYTES = 16_384;

function textOf(response: IncomingMessage): Promise<string> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    let length = 0;
    response.on('data', (chunk: Buffer) => {
      length += chunk.length;
      if (length > MAX_ANSWER_BYTES) response.destroy(new Error(`the answer is longer than ${MAX_ANSWER_BYTES} bytes`));
      else chunks.push(chunk);
    });
    response.on('end', () => resolve(Buffer.concat(chunks).toString('utf8')));
    response.on('error', reject);
    response.on('aborted', () => reject(new Error('the answer broke off')));
  });
}

/**
 * `fetch` as the sign-in service deserves it: encrypted or within this machine, its certificate checked against what
 * was configured, one bounded answer, no redirect followed, over when the caller's signal says so.
 */
export function boundedFetch(ca: string | null): CustomFetch {
  return async (address, { method, headers, body, signal }) => {
    if (!isSafeUrl(address)) throw new Error(`${address.slice(0, 200)} is not encrypted`);
    const url = new URL(address);
    const send = url.protocol === 'https:' ? requestHttps : requestHttp;
    const payload = body === undefined || body === null ? undefined : String(body);
    const response = await new Promise<IncomingMessage>((resolve, reject) => {
      const request = send(url, {
        method,
        headers: { ...headers, ...(payload === undefined ? {} : { 'content-length': Buffer.byteLength(payload) }) },
        agent: false,
        maxHeaderSize: MAX_HEADER_BYTES,
        ...(signal ? { signal } : {}),
        ...(ca === null ? {} : { ca }),
      });
      request.on('response', resolve);
      request.on('error', reject);
      // An answer that switches protocols (101) ends without an error.
      request.on('close', () => reject(new Error('the connection ended without an answer')));
      request.end(payload);
    });
    const text = await textOf(response);
    const status = response.statusCode ?? 500;
    const isEmpty = status === 204 || status === 304;
    const answered = new Headers();
    for (const [name, value] of Object.entries(response.headers)) {
      if (value !== undefined) answered.set(name, [value].flat().join(', '));
    }
    return new Response(isEmpty ? null : text, { status, headers: answered });
  };
}
