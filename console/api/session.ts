import type { FastifyReply, FastifyRequest } from 'fastify';
import { actorOf, type ConsoleContext } from './context.js';
import { setSessionCookie } from './security.js';

/**
 * Signs a person in. `confirmed`: when they proved who they are, in milliseconds; now, when absent. Returns the
 * session's name, which is no secret.
 */
export function startSession(
  context: ConsoleContext,
  request: FastifyRequest,
  reply: FastifyReply,
  name: string,
  confirmed?: number,
): string {
  const { accounts } = context;
  const id = accounts.openSession(name, request.ip, confirmed);
  // Whoever had a session before gets a new id, so that one that was planted is worth nothing.
  if (request.sessionId !== null) accounts.closeSession(request.sessionId, actorOf(request));
  request.sessionId = id;
  request.user = accounts.session(id);
  setSessionCookie(reply, context, id);
  return accounts.sessionName(id);
}
