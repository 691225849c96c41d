import { useMemo } from 'preact/hooks';
import { NetworkTabs } from '../components/network-tabs.tsx';
import { Empty, ErrorState, Loading, PageHead, ScrollX, Select } from '../components/parts.tsx';
import { t } from '../i18n/index.ts';
import { useFilters } from '../lib/filters.ts';
import { formatCompact, roleName } from '../lib/format.ts';
import { OPERATION_CLASSES } from '../lib/lists.ts';
import { tone } from '../lib/map-layout.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { visible } from '../lib/text.ts';
import type { MapAnswer, MapNode } from '../lib/types.ts';

const BY = ['level', 'zone', 'role', 'vendor', 'device'] as const;
type By = (typeof BY)[number];

/** More columns than this fit no screen. */
const MAX_HEADINGS = 36;

interface Heading {
  key: string;
  text: string;
  href: string | undefined;
}

interface Cell {
  messages: number;
  classes: string[];
  known: boolean;
}

function headingOf(node: MapNode, by: By): Heading {
  if (by === 'device') return { key: node.id, text: node.name, href: to.asset(node.id) };
  if (by === 'level') {
    const text =
      node.level === null
        ? t.map.levelUnknown
        : `${t.map.level(node.level)} ${t.map.levelNames[String(node.level)] ?? ''}`;
    return { key: String(node.level ?? ''), text, href: undefined };
  }
  const key = by === 'zone' ? node.zone : by === 'vendor' ? node.vendor : (node.roles[0] ?? '');
  const name = by === 'role' ? roleName(key) : key;
  return { key, text: key === '' ? (t.map.noGroup[by] ?? '') : name, href: undefined };
}

function useMatrix(answer: MapAnswer, by: By) {
  return useMemo(() => {
    const headings = new Map<string, Heading>();
    const ofNode = new Map<string, string>();
    for (const node of answer.nodes) {
      const heading = headingOf(node, by);
      headings.set(heading.key, heading);
      ofNode.set(node.id, heading.key);
    }
    const cells = new Map<string, Cell>();
    const asked = new Map<string, number>();
    const answered = new Map<string, number>();
    for (const edge of answer.edges) {
      const from = ofNode.get(edge.client);
      const toward = ofNode.get(edge.server);
      if (from === undefined || toward === undefined) continue;
      const key = `${from}\n${toward}`;
      const cell = cells.get(key) ?? { messages: 0, classes: [], known: true };
      cell.messages += edge.messages;
      cell.classes.push(...edge.classes);
      cell.known &&= edge.known;
      cells.set(key, cell);
      asked.set(from, (asked.get(from) ?? 0) + edge.messages + 1);
      answered.set(toward, (answered.get(toward) ?? 0) + edge.messages + 1);
    }
    const ordered = (weights: Map<string, number>) =>
      [...weights]
        .sort((a, b) => b[1] - a[1])
        .slice(0, MAX_HEADINGS)
        .map(([key]) => headings.get(key))
        .filter((heading) => heading !== undefined)
        .sort((a, b) => a.text.localeCompare(b.text, 'en', { numeric: true }));
    return { rows: ordered(asked), columns: ordered(answered), cells, all: Math.max(asked.size, answered.size) };
  }, [answer, by]);
}

function Name({ heading }: { heading: Heading }) {
  const text = visible(heading.text);
  return heading.href === undefined ? (
    <bdi>{text}</bdi>
  ) : (
    <a class="quiet-link" href={heading.href}>
      <bdi>{text}</bdi>
    </a>
  );
}

function Matrix({ answer, by }: { answer: MapAnswer; by: By }) {
  const { rows, columns, cells, all } = useMatrix(answer, by);
  const shown = Math.max(rows.length, columns.length);
  return (
    <>
      {shown < all && <p class="faint page-hint">{t.matrix.tooMany(shown, all)}</p>}
      <ScrollX label={t.matrix.title} class="table-box">
        <table class="table matrix">
          <thead>
            <tr>
              <th scope="col" class="faint">
                {t.matrix.corner}
              </th>
              {columns.map((column) => (
                <th scope="col" key={column.key}>
                  <Name heading={column} />
                </th>
              ))}
            </tr>
          </thead>
          <tbody>
            {rows.map((row) => (
              <tr key={row.key}>
                <th scope="row">
                  <Name heading={row} />
                </th>
                {columns.map((column) => {
                  const cell = cells.get(`${row.key}\n${column.key}`);
                  if (!cell) return <td key={column.key} />;
                  const worst = OPERATION_CLASSES.find((one) => cell.classes.includes(one));
                  const what = worst ? t.operationClass[worst] : t.map.legendOther;
                  const count = formatCompact(cell.messages);
                  return (
                    <td
                      key={column.key}
                      class={`matrix-cell matrix-${tone(worst)} ${cell.known ? '' : 'matrix-new'}`}
                      title={t.matrix.cell(visible(row.text), visible(column.text), what, count)}
                    >
                      {cell.messages > 0 && count}
                      <span class="matrix-what">{what}</span>
                      {!cell.known && <span class="matrix-what tone-medium">{t.matrix.isNew}</span>}
                    </td>
                  );
                })}
              </tr>
            ))}
          </tbody>
        </table>
      </ScrollX>
    </>
  );
}

export function MatrixPage() {
  const filters = useFilters();
  const { data, error, reload } = useResource<MapAnswer>('/map', ['assets', 'conversations']);
  const usual: By = data && data.nodes.length > MAX_HEADINGS ? 'role' : 'device';
  const by = BY.find((one) => one === filters.get('by')) ?? usual;
  return (
    <>
      <PageHead title={t.matrix.title} documentTitle={t.matrix.title} />
      <NetworkTabs />
      <p class="page-intro">{t.matrix.intro}</p>
      <div class="toolbar">
        <Select
          label={t.matrix.rowsBy}
          value={by}
          options={BY.map((one) => [one, t.matrix.by[one] ?? one] as const)}
          onChange={(value) => filters.set('by', value)}
        />
      </div>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading rows={8} />)}
      {data && data.edges.length === 0 && <Empty title={t.map.empty} />}
      {data && data.edges.length > 0 && <Matrix answer={data} by={by} />}
    </>
  );
}
