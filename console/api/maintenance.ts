import { type Static, Type } from 'typebox';
import { DecisionRefused } from '../../sensor/decisions/acceptances.js';
import type { AnnouncedWindow } from '../../sensor/model/baseline-document.js';
import { WEEKDAYS } from '../../sensor/model/maintenance.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import { closed, ErrorBody, IdParams, Next, oneOf, open } from './schemas.js';

const Text = (maxLength: number) => Type.String({ minLength: 1, maxLength });
const texts = (description: string) => Type.Optional(Type.Array(Text(100), { maxItems: 100, description }));

const WINDOW = {
  name: Text(100),
  begins: Type.Optional(Type.String({ maxLength: 40, description: 'Once, from this time: 2026-11-22T06:00:00Z.' })),
  ends: Type.Optional(Type.String({ maxLength: 40, description: 'Until this time.' })),
  days: Type.Optional(Type.Array(oneOf(WEEKDAYS), { minItems: 1, maxItems: 7 })),
  from: Type.Optional(Type.String({ maxLength: 5, description: 'Every week, from this time of day: 06:00.' })),
  to: Type.Optional(Type.String({ maxLength: 5 })),
  time_zone: Type.Optional(Type.String({ maxLength: 60 })),
  zones: texts('Names of zones that are worked on.'),
  devices: texts('Addresses and CIDR blocks that are worked on.'),
  stations: texts('Names or addresses of the stations from which the work is done.'),
  owner: Type.Optional(Text(100)),
};
const Body = Type.Object({ ...WINDOW, reason: Type.String({ minLength: 3, maxLength: 500 }) }, closed);
const Announced = Type.Object({ id: Type.String(), by: Type.String(), at: Type.String(), ...WINDOW }, open);

type Written = Static<typeof Announced>;

function written({ days, zones, devices, stations, ...window }: AnnouncedWindow): Written {
  return {
    ...window,
    ...(days === undefined ? {} : { days: [...days] }),
    ...(zones === undefined ? {} : { zones: [...zones] }),
    ...(devices === undefined ? {} : { devices: [...devices] }),
    ...(stations === undefined ? {} : { stations: [...stations] }),
  };
}

/** Times for work on the plant that people announce while the sensor runs, beside those of the settings. */
export function addMaintenance(app: App, { decisions }: ConsoleContext): void {
  app.get(
    '/api/v1/maintenance',
    { schema: { response: { 200: Type.Object({ items: Type.Array(Announced), next: Next }), '4xx': ErrorBody } } },
    () => ({ items: (decisions.baseline.maintenance ?? []).map(written), next: null }),
  );

  app.post(
    '/api/v1/maintenance',
    {
      schema: {
        description:
          'Announces work: engineering and deviations in the window are recorded as informational. A running sensor knows within seconds.',
        body: Body,
        response: { 200: Announced, '4xx': ErrorBody },
      },
    },
    (request) => {
      const { reason, ...window } = request.body;
      try {
        return written(decisions.announceWork(window, reason, actorOf(request)));
      } catch (cause) {
        if (cause instanceof DecisionRefused) throw new ApiError(400, 'bad_window', cause.message);
        throw cause;
      }
    },
  );

  app.delete(
    '/api/v1/maintenance/:id',
    { schema: { params: IdParams, response: { 200: Type.Object({ done: Type.Integer() }), '4xx': ErrorBody } } },
    (request) => {
      try {
        decisions.withdrawWork(request.params.id, 'withdrawn', actorOf(request));
      } catch (cause) {
        if (cause instanceof DecisionRefused) throw notFound('maintenance window');
        throw cause;
      }
      return { done: 1 };
    },
  );
}
