import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import { icons } from '../components/icons.tsx';
import { NetworkTabs } from '../components/network-tabs.tsx';
import { Empty, ErrorState, Loading, PageHead, Segments, Select, StaleBar } from '../components/parts.tsx';
import { Raw } from '../components/text.tsx';
import { t } from '../i18n/index.ts';
import { useFilters } from '../lib/filters.ts';
import { formatCompact, protocolName, roleName } from '../lib/format.ts';
import { INTRUSIVE } from '../lib/lists.ts';
import {
  type Box,
  GROUPINGS,
  type Grouping,
  type Layout,
  type Line,
  layOut,
  neighbour,
  openAtFirst,
  path,
  tone,
  usualGrouping,
} from '../lib/map-layout.ts';
import { useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { saveSvg } from '../lib/save.ts';
import { visible } from '../lib/text.ts';
import type { MapAnswer, MapEdge, MapNode } from '../lib/types.ts';

const EDGE_CHOICES = ['all', 'intrusive', 'new', 'none'] as const;
type EdgeChoice = (typeof EDGE_CHOICES)[number];

const MIN_ZOOM = 0.15;
const MAX_ZOOM = 2.5;
const ZOOM_STEP = 1.25;
const NAME_LENGTH = 21;
/** How much larger than usual this page's text is: on a wall the drawing grows with it. */
const SCALE = Number.parseFloat(getComputedStyle(document.documentElement).fontSize) / 16 || 1;
/** Beyond this, faint lines become a grey ground on which the few that matter stand out. */
const MANY_LINES = 150;

function short(text: string, most: number): string {
  const shown = visible(text);
  return shown.length > most ? `${shown.slice(0, most - 1)}…` : shown;
}

function matches(node: MapNode, text: string): boolean {
  const wanted = text.toLowerCase();
  return [node.name, node.ip, node.vendor, node.zone, ...node.roles, ...node.roles.map(roleName)].some((one) =>
    one.toLowerCase().includes(wanted),
  );
}

function wanted(edge: MapEdge, choice: EdgeChoice, protocol: string): boolean {
  if (choice === 'none' || (protocol !== '' && !edge.protocols.includes(protocol))) return false;
  if (choice === 'new') return !edge.known;
  return choice === 'all' || edge.classes.some((one) => INTRUSIVE.has(one));
}

function boxName(box: Box, grouping: Grouping): string {
  if (box.kind === 'node') return box.name;
  return box.name === '' ? (t.map.noGroup[grouping] ?? '') : grouping === 'role' ? roleName(box.name) : box.name;
}

function boxLabel(box: Box, grouping: Grouping): string {
  const node = box.nodes[0];
  const name = visible(boxName(box, grouping));
  const what =
    box.kind === 'group'
      ? t.map.groupLabel(name, box.nodes.length)
      : t.map.nodeLabel(name, visible(box.detail), node?.roles.map(roleName).join(', ') ?? '');
  return box.openAlerts > 0 ? `${what}, ${t.map.alertsLabel(box.openAlerts)}` : what;
}

function levelText(level: number | null): readonly [string, string] {
  if (level === null) return [t.map.levelUnknown, ''];
  return [t.map.level(level), t.map.levelNames[String(level)] ?? ''];
}

function BoxShape({ box, grouping, state }: { box: Box; grouping: Grouping; state: string }) {
  const node = box.nodes[0];
  const second =
    box.kind === 'group'
      ? t.map.devices(box.nodes.length)
      : [box.detail, node?.roles[0] === undefined ? '' : roleName(node.roles[0])].filter((part) => part).join(' · ');
  return (
    // biome-ignore lint/a11y/useSemanticElements: HTML's button cannot stand inside a drawing
    <g
      class={`map-box map-box-${box.kind} ${box.known ? '' : 'map-box-new'} ${state}`}
      transform={`translate(${box.x} ${box.y})`}
      data-box={box.id}
      tabIndex={-1}
      role="button"
      aria-pressed={state.includes('map-chosen')}
    >
      <title>{boxLabel(box, grouping)}</title>
      {box.kind === 'group' && <rect class="map-stack" x={5} y={5} width={box.width} height={box.height} rx={6} />}
      <rect class="map-ground" width={box.width} height={box.height} rx={6} />
      {box.worst !== null && <rect class={`map-alert bar-${box.worst}`} width={4} height={box.height} rx={2} />}
      <text class="map-name" x={14} y={box.kind === 'group' ? 25 : 19}>
        {short(boxName(box, grouping), NAME_LENGTH)}
      </text>
      <text class="map-detail" x={14} y={box.kind === 'group' ? 43 : 35}>
        {short(second, NAME_LENGTH + 5)}
      </text>
      {box.openAlerts > 0 && (
        <text class="map-count" x={box.width - 9} y={box.kind === 'group' ? 25 : 19} text-anchor="end">
          {box.openAlerts > 99 ? '99+' : box.openAlerts}
        </text>
      )}
    </g>
  );
}

function Lines({ lines, touched }: { lines: readonly Line[]; touched: string | undefined }) {
  return (
    <g class={`map-lines ${lines.length > MANY_LINES ? 'map-lines-many' : ''} ${touched ? 'map-lines-aside' : ''}`}>
      {lines.map((line) => {
        const isTouched = touched !== undefined && (line.from.id === touched || line.to.id === touched);
        return (
          <path
            key={line.id}
            class={`map-line line-${tone(line.worst)} ${line.known ? '' : 'line-new'} ${isTouched ? 'line-touched' : ''}`}
            d={path(line)}
            marker-end={`url(#map-end-${tone(line.worst)})`}
          />
        );
      })}
    </g>
  );
}

function EdgeList({
  title,
  lines,
  side,
  grouping,
}: {
  title: string;
  lines: readonly Line[];
  side: 'from' | 'to';
  grouping: Grouping;
}) {
  return (
    <>
      <h3>{title}</h3>
      {lines.length === 0 && <p class="faint">{t.map.nobody}</p>}
      <ul class="map-peers">
        {lines.slice(0, 40).map((line) => (
          <li key={line.id}>
            <span class={`swatch swatch-${tone(line.worst)}`} aria-hidden="true" />
            <span>
              {line[side].kind === 'node' ? (
                <a class="quiet-link" href={to.asset(line[side].id)}>
                  <Raw text={line[side].name} />
                </a>
              ) : (
                <Raw text={boxName(line[side], grouping)} />
              )}
              <span class="cell-sub">
                <span>{line.protocols.map(protocolName).map(visible).join(', ')}</span>
                {line.worst && <span>{t.operationClass[line.worst]}</span>}
                <span>{t.map.messages(formatCompact(line.messages))}</span>
                {!line.known && <strong class="tone-medium">{t.map.newEdge}</strong>}
              </span>
            </span>
          </li>
        ))}
        {lines.length > 40 && <li class="faint">{t.andMore(lines.length - 40)}</li>}
      </ul>
    </>
  );
}

function Chosen({
  box,
  layout,
  grouping,
  toggle,
  close,
}: {
  box: Box;
  layout: Layout;
  grouping: Grouping;
  toggle: (id: string) => void;
  close: () => void;
}) {
  const node = box.kind === 'node' ? box.nodes[0] : undefined;
  return (
    <aside class="card map-chosen-card" aria-label={t.map.chosen}>
      <header class="card-head">
        <h2>
          <Raw text={boxName(box, grouping)} />
        </h2>
        <button type="button" class="button button-quiet button-icon" aria-label={t.close} onClick={close}>
          {icons.cross()}
        </button>
      </header>
      {node && (
        <p class="faint">
          <Raw text={[box.detail, node.roles.map(roleName).join(', '), node.vendor].filter((one) => one).join(' · ')} />
        </p>
      )}
      {box.openAlerts > 0 && (
        <p>
          <a href={node ? to.alerts(`?asset=${encodeURIComponent(node.id)}`) : to.alerts()}>
            {t.map.alertsLabel(box.openAlerts)}
          </a>
        </p>
      )}
      {node ? (
        <a class="button" href={to.asset(node.id)}>
          {t.map.openDevice}
        </a>
      ) : (
        <button type="button" class="button" onClick={() => toggle(box.id)}>
          {t.map.openGroup}
        </button>
      )}
      <EdgeList
        title={t.map.asks}
        lines={layout.lines.filter((line) => line.from === box)}
        side="to"
        grouping={grouping}
      />
      <EdgeList
        title={t.map.isAsked}
        lines={layout.lines.filter((line) => line.to === box)}
        side="from"
        grouping={grouping}
      />
    </aside>
  );
}

function Legend() {
  const entries: readonly (readonly [string, string])[] = [
    ['swatch-program', t.map.legendProgram],
    ['swatch-write', t.map.legendWrite],
    ['swatch-read', t.map.legendRead],
    ['swatch-other', t.map.legendOther],
    ['swatch-new', t.map.legendNew],
    ['swatch-alert', t.map.legendAlert],
    ['swatch-unknown', t.map.legendUnknown],
  ];
  return (
    <ul class="legend" aria-label={t.map.legend}>
      {entries.map(([swatch, text]) => (
        <li key={swatch}>
          <span class={`swatch ${swatch}`} aria-hidden="true" />
          {text}
        </li>
      ))}
    </ul>
  );
}

function MapView({ answer }: { answer: MapAnswer }) {
  const filters = useFilters();
  const given = filters.get('group') as Grouping;
  const usual = useMemo(() => usualGrouping(answer.nodes), [answer]);
  const grouping = GROUPINGS.includes(given) ? given : usual;
  const shownEdges = filters.get('lines') as EdgeChoice;
  const choice = EDGE_CHOICES.includes(shownEdges) ? shownEdges : 'all';
  const protocol = filters.get('protocol');
  const q = filters.get('q');
  const [changedGroups, setChangedGroups] = useState<ReadonlySet<string>>(new Set());
  const [chosen, setChosen] = useState<string>();
  const [touched, setTouched] = useState<string>();
  const [zoom, setZoom] = useState(SCALE);
  const [room, setRoom] = useState(1000);
  const scroller = useRef<HTMLDivElement>(null);
  const svg = useRef<SVGSVGElement>(null);

  useEffect(() => {
    const box = scroller.current;
    if (!box) return;
    const observer = new ResizeObserver(() => setRoom(Math.max(640, (box.clientWidth - 8) / SCALE)));
    observer.observe(box);
    return () => observer.disconnect();
  }, []);

  const found = useMemo(
    () => (q === '' ? undefined : new Set(answer.nodes.filter((node) => matches(node, q)).map((node) => node.id))),
    [answer, q],
  );
  // While somebody searches, only what was found is on the map: 2,000 devices become the few that are meant.
  const nodes = useMemo(
    () => (found ? answer.nodes.filter((node) => found.has(node.id)) : answer.nodes),
    [answer, found],
  );
  const open = useMemo(() => {
    const groups = openAtFirst(nodes, grouping);
    for (const id of changedGroups) {
      if (groups.has(id)) groups.delete(id);
      else groups.add(id);
    }
    return groups;
  }, [nodes, grouping, changedGroups]);
  const edges = useMemo(
    () => answer.edges.filter((edge) => wanted(edge, choice, protocol)),
    [answer, choice, protocol],
  );
  const layout = useMemo(() => layOut(nodes, edges, grouping, open, room), [nodes, edges, grouping, open, room]);
  const chosenBox = layout.boxes.find((box) => box.id === chosen);
  const protocols = useMemo(() => [...new Set(answer.edges.flatMap((edge) => edge.protocols))].sort(), [answer]);
  const allGroups = useMemo(() => openAtFirst(nodes.slice(0, 0), grouping), [nodes, grouping]);

  const toggle = (id: string) => {
    const next = new Set(changedGroups);
    if (next.has(id)) next.delete(id);
    else next.add(id);
    setChangedGroups(next);
    setChosen(undefined);
  };
  const choose = (id: string | undefined) => setChosen(id === chosen ? undefined : id);
  const boxOf = (target: EventTarget | null) =>
    target instanceof Element ? (target.closest('[data-box]')?.getAttribute('data-box') ?? undefined) : undefined;
  const focusBox = (id: string) =>
    svg.current?.querySelector<SVGGElement>(`[data-box="${CSS.escape(id)}"]`)?.focus({ preventScroll: false });
  const changeZoom = (factor: number) => setZoom((now) => Math.min(MAX_ZOOM, Math.max(MIN_ZOOM, now * factor)));
  const fit = () => {
    const box = scroller.current;
    if (!box) return;
    setZoom(
      Math.min(
        SCALE,
        (box.clientWidth - 8) / layout.width,
        Math.max(MIN_ZOOM, (window.innerHeight - 260) / layout.height),
      ),
    );
  };
  const onKeyDown = (event: KeyboardEvent) => {
    const id = boxOf(event.target);
    const box = layout.boxes.find((one) => one.id === id);
    if (event.key.startsWith('Arrow')) {
      const next = box ? neighbour(layout.boxes, box, event.key) : layout.boxes[0];
      if (next) focusBox(next.id);
    } else if (event.key === 'Enter' || event.key === ' ') {
      if (box) choose(box.id);
    } else if (event.key === 'Escape') setChosen(undefined);
    else if (event.key === '+' || event.key === '=') changeZoom(ZOOM_STEP);
    else if (event.key === '-') changeZoom(1 / ZOOM_STEP);
    else return;
    event.preventDefault();
  };
  // One stop of the Tab key: the chosen box, else the first; arrows go on from there.
  useEffect(() => {
    const boxes = svg.current?.querySelectorAll<SVGGElement>('[data-box]') ?? [];
    const stop = chosen ?? layout.boxes[0]?.id;
    for (const element of boxes) element.setAttribute('tabindex', element.dataset['box'] === stop ? '0' : '-1');
  }, [layout, chosen]);

  const groupIds = useMemo(
    () =>
      new Set([
        ...layout.frames.map(({ id }) => id),
        ...layout.boxes.filter(({ kind }) => kind === 'group').map(({ id }) => id),
      ]),
    [layout],
  );
  const setAll = (shouldBeOpen: boolean) => {
    const first = openAtFirst(nodes, grouping);
    setChangedGroups(new Set([...groupIds].filter((id) => first.has(id) !== shouldBeOpen)));
    setChosen(undefined);
  };
  const active = touched ?? chosen;
  return (
    <>
      <div class="toolbar">
        <Select
          label={t.map.groupBy}
          value={grouping}
          options={GROUPINGS.map((one) => [one, t.map.groups[one] ?? one] as const)}
          onChange={(value) => {
            setChangedGroups(allGroups);
            filters.set('group', value === usual ? '' : value);
          }}
        />
        <Segments<EdgeChoice>
          legend={t.map.show}
          name="lines"
          value={choice}
          options={EDGE_CHOICES.map((one) => [one, t.map.edges[one] ?? one] as const)}
          onChange={(value) => filters.set('lines', value === 'all' ? '' : value)}
        />
        <Select
          label={t.map.protocol}
          value={protocol}
          options={[['', t.any], ...protocols.map((one) => [one, visible(protocolName(one))] as const)]}
          onChange={(value) => filters.set('protocol', value)}
        />
        <label class="search">
          {icons.search()}
          <span class="visually-hidden">{t.search}</span>
          <input
            id="search"
            type="search"
            placeholder={t.map.searchPlaceholder}
            value={q}
            maxLength={100}
            autocomplete="off"
            onInput={(event) => filters.set('q', event.currentTarget.value)}
            onKeyDown={(event) => {
              if (event.key === 'Escape') event.currentTarget.blur();
            }}
          />
          <kbd>/</kbd>
        </label>
      </div>
      {answer.nodes.length < answer.total_nodes && (
        <p class="page-hint faint">{t.map.notAll(answer.nodes.length, answer.total_nodes)}</p>
      )}
      <div class={`map-stage ${chosenBox ? 'map-stage-split' : ''}`}>
        <div class="card map-card">
          <div class="map-tools">
            <button
              type="button"
              class="button button-icon"
              aria-label={t.map.zoomIn}
              title={`${t.map.zoomIn} (+)`}
              onClick={() => changeZoom(ZOOM_STEP)}
            >
              +
            </button>
            <button
              type="button"
              class="button button-icon"
              aria-label={t.map.zoomOut}
              title={`${t.map.zoomOut} (−)`}
              onClick={() => changeZoom(1 / ZOOM_STEP)}
            >
              −
            </button>
            <button type="button" class="button" onClick={fit}>
              {t.map.fit}
            </button>
            {grouping !== 'none' && (
              <>
                <button type="button" class="button" onClick={() => setAll(true)}>
                  {t.map.expandAll}
                </button>
                <button type="button" class="button" onClick={() => setAll(false)}>
                  {t.map.collapseAll}
                </button>
              </>
            )}
            <button
              type="button"
              class="button"
              onClick={() => svg.current && saveSvg(svg.current, layout.width, layout.height, 'fieldwatch-map.svg')}
            >
              {icons.download()}
              {t.map.export}
            </button>
          </div>
          <div class="map-scroll" ref={scroller}>
            {/* biome-ignore lint/a11y/useSemanticElements: a fieldset is no drawing; the boxes inside take the focus */}
            <svg
              ref={svg}
              class="map"
              width={layout.width * zoom}
              height={layout.height * zoom}
              viewBox={`0 0 ${layout.width} ${layout.height}`}
              role="group"
              aria-label={`${t.map.summary(layout.boxes.length, layout.lines.length)} ${t.map.keys}`}
              onClick={(event) => choose(boxOf(event.target))}
              onDblClick={(event) => {
                const box = layout.boxes.find((one) => one.id === boxOf(event.target));
                if (box?.kind === 'group') toggle(box.id);
              }}
              onKeyDown={onKeyDown}
              onPointerOver={(event) => setTouched(boxOf(event.target))}
              onPointerLeave={() => setTouched(undefined)}
            >
              <defs>
                {(['program', 'write', 'read', 'other'] as const).map((one) => (
                  <marker
                    key={one}
                    id={`map-end-${one}`}
                    viewBox="0 0 8 8"
                    refX="7"
                    refY="4"
                    markerWidth="7"
                    markerHeight="7"
                    orient="auto-start-reverse"
                  >
                    <path class={`end-${one}`} d="M0 0.5 8 4 0 7.5z" />
                  </marker>
                ))}
              </defs>
              {layout.bands.map((band, index) => {
                const [level, name] = levelText(band.level);
                return (
                  <g key={String(band.level)}>
                    <rect
                      class={`map-band map-band-${index % 2}`}
                      y={band.y}
                      width={layout.width}
                      height={band.height}
                    />
                    <text class="map-level" x={14} y={band.y + 30}>
                      {level}
                    </text>
                    <text class="map-detail" x={14} y={band.y + 46}>
                      {short(name, 22)}
                    </text>
                  </g>
                );
              })}
              {layout.frames.map((frame) => (
                <g key={frame.id}>
                  <rect class="map-frame" x={frame.x} y={frame.y} width={frame.width} height={frame.height} rx={9} />
                  <text class="map-frame-name" x={frame.x + 12} y={frame.y + 20}>
                    {short(
                      frame.name === ''
                        ? (t.map.noGroup[grouping] ?? '')
                        : grouping === 'role'
                          ? roleName(frame.name)
                          : frame.name,
                      Math.floor(frame.width / 7.5),
                    )}
                  </text>
                </g>
              ))}
              <Lines lines={layout.lines} touched={active} />
              {layout.boxes.map((box) => (
                <BoxShape key={box.id} box={box} grouping={grouping} state={box.id === chosen ? 'map-chosen' : ''} />
              ))}
            </svg>
          </div>
          <Legend />
        </div>
        {chosenBox && (
          <Chosen
            box={chosenBox}
            layout={layout}
            grouping={grouping}
            toggle={toggle}
            close={() => setChosen(undefined)}
          />
        )}
      </div>
    </>
  );
}

export function MapPage() {
  const { data, error, reload } = useResource<MapAnswer>('/map', ['assets', 'conversations', 'alerts']);
  return (
    <>
      <PageHead title={t.map.title} documentTitle={t.map.title}>
        <span class="page-count">{data && t.map.devices(data.total_nodes)}</span>
      </PageHead>
      <NetworkTabs />
      {data && error && <StaleBar error={error} retry={reload} />}
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading rows={10} />)}
      {data && data.nodes.length === 0 && (
        <Empty title={t.map.empty}>
          <p>{t.map.emptyText}</p>
        </Empty>
      )}
      {data && data.nodes.length > 0 && <MapView answer={data} />}
    </>
  );
}
