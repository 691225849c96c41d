import { Type } from 'typebox';
import { DecisionRefused } from '../../sensor/decisions/acceptances.js';
import { PREVIEW_DAYS, previewWindow } from '../../sensor/decisions/maintenance.js';
import {
  type MaintenanceWindow,
  problemOfWindow,
  stateOfWindow,
  WEEKDAYS,
  WINDOW_STATES,
} from '../../sensor/model/maintenance.js';
import { severityRank } from '../../sensor/model/severity.js';
import { SiteMap } from '../../sensor/model/site.js';
import { formatTimestamp } from '../../sensor/model/time.js';
import { type App, actorOf, type ConsoleContext } from './context.js';
import { ApiError, notFound } from './errors.js';
import { Count, closed, ErrorBody, IdParams, Next, oneOf, open, Severity, Time } from './schemas.js';

const EXAMPLES = 10;

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
const STATE = {
  state: oneOf(WINDOW_STATES),
  open_until: Type.Union([Time, Type.Null()], { description: 'When the window that is open now ends.' }),
};
const Planned = Type.Object({ ...WINDOW, reason: Type.Optional(Type.String()), ...STATE }, open);
const Announced = Type.Object({ id: Type.String(), by: Type.String(), at: Type.String(), ...WINDOW, ...STATE }, open);
const Preview = Type.Object({
  days: Type.Integer({ description: 'Of how many days alerts were looked at.' }),
  by_time: Type.Boolean({
    description: 'False: the window is not over yet, so what it names was counted whenever it was.',
  }),
  alerts: Type.Integer({ description: 'That it would have made less severe.' }),
  severe: Type.Integer({ description: 'Of these, high and critical ones.' }),
  examples: Type.Array(
    Type.Object({
      id: Type.String(),
      title: Type.String(),
      severity: Severity,
      becomes: Severity,
      count: Count,
      src_ip: Type.String(),
      dest_ip: Type.String(),
      first_seen: Time,
    }),
    { description: 'Worst first.' },
  ),
  complete: Type.Boolean({ description: 'False: there are more alerts than were looked at.' }),
});

/** Times for work on the plant that people announce while the sensor runs, beside those of the settings. */
export function addMaintenance(app: App, { decisions, findings, rules, now }: ConsoleContext): void {
  const plant = new SiteMap(rules.plant);

  /** With whether it is open; lists as the schemas want them. */
  function written<W extends MaintenanceWindow>(whole: W) {
    const { days, zones, devices, stations, ...window } = whole;
    const { state, ends } = stateOfWindow(whole, now() * 1000);
    return {
      ...window,
      ...(days === undefined ? {} : { days: [...days] }),
      ...(zones === undefined ? {} : { zones: [...zones] }),
      ...(devices === undefined ? {} : { devices: [...devices] }),
      ...(stations === undefined ? {} : { stations: [...stations] }),
      state,
      open_until: ends === null ? null : formatTimestamp(ends),
    };
  }

  app.get(
    '/api/v1/maintenance',
    {
      schema: {
        description: 'Windows that people announced, and those of the settings.',
        response: {
          200: Type.Object({
            items: Type.Array(Announced),
            settings: Type.Array(Planned),
            plant: Type.Object(
              { zones: Type.Array(Type.String()), stations: Type.Array(Type.String()) },
              { description: 'Names that the settings know.' },
            ),
            next: Next,
          }),
          '4xx': ErrorBody,
        },
      },
    },
    () => ({
      items: (decisions.baseline.maintenance ?? []).map(written),
      settings: (rules.plant.maintenance ?? []).map(written),
      plant: {
        zones: rules.plant.zones.map(({ name }) => name),
        stations: rules.plant.stations.map(({ name }) => name),
      },
      next: null,
    }),
  );

  app.post(
    '/api/v1/maintenance/preview',
    {
      schema: {
        description: `What a window would have softened of the last ${PREVIEW_DAYS} days. Nothing is kept.`,
        body: Type.Object({ ...WINDOW, reason: Type.Optional(Type.String({ maxLength: 500 })) }, closed),
        response: { 200: Preview, '4xx': ErrorBody },
      },
    },
    async ({ body }) => {
      const problem = problemOfWindow(body);
      if (problem !== null) throw new ApiError(400, 'bad_window', `The window "${body.name}": ${problem}.`);
      const levels = new Map(rules.list().map(({ id, whenExpected }) => [id, whenExpected]));
      const { softened, isByTime, isComplete } = await previewWindow(
        findings,
        body,
        plant,
        (rule) => levels.get(rule) ?? null,
        now() * 1000,
      );
      const worstFirst = [...softened].sort(
        (one, other) => severityRank(other.alert.severity) - severityRank(one.alert.severity),
      );
      return {
        days: PREVIEW_DAYS,
        by_time: isByTime,
        alerts: softened.length,
        severe: softened.filter(({ alert }) => severityRank(alert.severity) >= severityRank('high')).length,
        examples: worstFirst.slice(0, EXAMPLES).map(({ alert, to }) => ({
          id: alert.id,
          title: alert.title,
          severity: alert.severity,
          becomes: to,
          count: alert.count,
          src_ip: alert.src_ip ?? '',
          dest_ip: alert.dest_ip ?? '',
          first_seen: alert.first_seen,
        })),
        complete: isComplete,
      };
    },
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
    {
      schema: {
        description: 'Withdraws a window, or ends one that is open.',
        params: IdParams,
        querystring: Type.Object({ reason: Type.Optional(Type.String({ minLength: 3, maxLength: 500 })) }, closed),
        response: { 200: Type.Object({ done: Type.Integer() }), '4xx': ErrorBody },
      },
    },
    (request) => {
      try {
        decisions.withdrawWork(request.params.id, request.query.reason ?? 'withdrawn', actorOf(request));
      } catch (cause) {
        if (cause instanceof DecisionRefused) throw notFound('maintenance window');
        throw cause;
      }
      return { done: 1 };
    },
  );
}
