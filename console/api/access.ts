import type { Role } from '../../sensor/store/console/console-store.js';

/** `public`: whoever reaches the console; else the least role that may. */
export type Access = 'public' | Role;

/**
 * Who may do what. A route that is not in this table cannot be registered, so nothing is open by having been
 * forgotten.
 */
export const ACCESS: Readonly<Record<string, Access>> = {
  'GET /healthz': 'public',
  'GET /metrics': 'viewer',
  'GET /api/openapi.json': 'public',
  'GET /api/v1/session': 'public',
  'POST /api/v1/setup': 'public',
  'POST /api/v1/login': 'public',
  'POST /api/v1/logout': 'viewer',
  'GET /api/v1/overview': 'viewer',
  'GET /api/v1/alerts': 'viewer',
  'GET /api/v1/alerts/:id': 'viewer',
  'GET /api/v1/alerts/:id/packets.pcapng': 'viewer',
  'POST /api/v1/alerts/:id/status': 'analyst',
  'GET /api/v1/assets': 'viewer',
  'GET /api/v1/assets/:id': 'viewer',
  'POST /api/v1/assets/:id/approve': 'analyst',
  'GET /api/v1/conversations': 'viewer',
  'GET /api/v1/variables': 'viewer',
  'GET /api/v1/variables/:id': 'viewer',
  'GET /api/v1/health': 'viewer',
  'GET /api/v1/baseline': 'viewer',
  // Learning on means that what happens now becomes normal: the most far-reaching switch there is.
  'POST /api/v1/baseline/phase': 'admin',
  'GET /api/v1/events': 'viewer',
  'GET /api/v1/audit': 'admin',
  // The page itself; what it shows comes from the routes above.
  'GET /': 'public',
  'GET /*': 'public',
  'HEAD /*': 'public',
};

const RANK: Record<Role, number> = { viewer: 1, analyst: 2, admin: 3 };

export function mayAccess(role: Role | null, access: Access): boolean {
  if (access === 'public') return true;
  return role !== null && RANK[role] >= RANK[access];
}
