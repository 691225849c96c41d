import { describe, expect, it } from 'vitest';
import { buildEvent } from '../../sensor/export/build-event.js';
import type { ExportEvent } from '../../sensor/export/event.js';
import { FORMATS } from '../../sensor/export/formats/registry.js';
import { renderWithin } from '../../sensor/export/formats/render.js';
import type { Alert } from '../../sensor/model/records.js';
import { alert, ORIGIN } from './support.js';

const DATAGRAM = 2048;

function eventOf(stored: Alert): ExportEvent {
  const { count, last_seen, status } = stored;
  const queued = { n: 1, at: 0, type: 'alert', id: 'event-1', ref: stored.id, kind: 'rule', severity: 3 } as const;
  const event = buildEvent(
    { ...queued, facts: { count, last_seen, status } },
    { alert: () => stored, asset: () => null },
    ORIGIN,
  );
  if (event === null) throw new Error('the alert is there');
  return event;
}

describe('incident and the steps of the severity', () => {
  const stored = alert(1, {
    incident: 'incident-7',
    severity_basis: [
      { factor: 'level', severity: 'medium' },
      { factor: 'criticality', severity: 'high', detail: 'high' },
    ],
  });

  it.each(['json', 'ecs', 'eve', 'ocsf'] as const)('stand in %s', (name) => {
    const text = FORMATS[name].render(eventOf(stored));
    expect(text).toContain('"incident-7"');
    expect(text).toContain(JSON.stringify(stored.severity_basis));
  });

  it('stand in leef', () => {
    const text = FORMATS.leef.render(eventOf(stored));
    expect(text).toContain('^incident=incident-7^severityBasis=level:medium,criticality high:high');
  });
});

it('an alert about a hundred things stays an alert in a small message', () => {
  const objects = Array.from({ length: 100 }, (_, n) => `${n} ${'x'.repeat(120)}`);
  const detail = 'y'.repeat(120);
  const stored = alert(1, {
    objects,
    severity_basis: Array.from({ length: 6 }, () => ({ factor: 'window' as const, severity: 'low' as const, detail })),
  });
  const { text, isShortened } = renderWithin(FORMATS.json, eventOf(stored), DATAGRAM);
  expect(isShortened).toBe(true);
  expect((JSON.parse(text) as ExportEvent).alert?.id).toBe(stored.id);
});
