import type { SensorHealth } from './records.js';

/** Scopes that have ended their learning while the rest still learns, as the sensor reported them. */
export function settledScopes(health: Pick<SensorHealth, 'phase' | 'learning'> | null): string[] {
  if (health?.phase !== 'learn') return [];
  return (health.learning?.scopes ?? []).filter(({ phase }) => phase === 'protect').map(({ scope }) => scope);
}
