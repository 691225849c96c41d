import { Type } from 'typebox';
import { csvStyle } from '../../../sensor/inventory/exchange/csv.js';
import type { App, ConsoleContext } from '../context.js';
import { Remembered } from '../remembered.js';
import { closed, ErrorBody, oneOf, open, SheetLanguage } from '../schemas.js';
import { reportCsv } from './csv.js';
import { type Report, type ReportPeriod, reportMaker } from './data.js';
import type { ReportState } from './schedule.js';

const NOT_SCHEDULED: ReportState = { every: 'never', at: '', folder: '', formats: [], keep: 0, files: [], problem: '' };
const REMEMBERED_MS = 30_000;
/** So old it may be when a new one is being made. */
const STALE_MS = 300_000;
const MOST_REMEMBERED = 8;

const Query = Type.Object(
  {
    from: Type.Optional(Type.String({ maxLength: 40, description: 'ISO 8601; without it 30 days before `to`.' })),
    to: Type.Optional(Type.String({ maxLength: 40, description: 'Without it the time of the last packet.' })),
  },
  closed,
);

export function addReport(app: App, context: ConsoleContext): void {
  const report = reportMaker(context);

  /** A report is read and printed, not watched: one made a moment ago is good enough for all who ask for the same. */
  const made = new Remembered<Report>(REMEMBERED_MS, STALE_MS, MOST_REMEMBERED);
  const remembered = (query: ReportPeriod) => made.get(JSON.stringify([query.from, query.to]), () => report(query));

  app.addHook('onListen', () => {
    // Before anybody has an account, nobody reads it; and it would tell the first reader that there is none.
    if (context.accounts.hasUsers()) remembered({}).catch(() => {});
  });

  app.get(
    '/api/v1/report',
    {
      schema: {
        description: 'A period for management and auditors: devices, alerts, changes, coverage, health, and duties.',
        querystring: Query,
        response: { 200: Type.Object({}, open), '4xx': ErrorBody },
      },
    },
    ({ query }) => remembered(query),
  );

  app.get(
    '/api/v1/report/schedule',
    {
      schema: {
        description: 'What is written by itself, where, and what there is; `every: never`: nothing.',
        response: {
          200: Type.Object({
            every: oneOf(['never', 'day', 'week', 'month'] as const),
            at: Type.String(),
            folder: Type.String(),
            formats: Type.Array(Type.String()),
            keep: Type.Integer(),
            files: Type.Array(Type.String(), { description: 'Newest first.' }),
            problem: Type.String({ description: 'One sentence; empty when all is well.' }),
          }),
          '4xx': ErrorBody,
        },
      },
    },
    () => context.reportState() ?? NOT_SCHEDULED,
  );

  app.get(
    '/api/v1/report.csv',
    {
      schema: {
        description: 'The report’s figures and its worst alerts as CSV.',
        querystring: Type.Object({ ...Query.properties, language: SheetLanguage }, closed),
        response: { 200: Type.String(), '4xx': ErrorBody },
      },
    },
    async ({ query: { language, ...query } }, reply) => {
      const answer = await remembered(query);
      reply.header('content-type', 'text/csv; charset=utf-8');
      reply.header('content-disposition', 'attachment; filename="fieldwatch-report.csv"');
      return reportCsv(answer, csvStyle(language));
    },
  );
}
