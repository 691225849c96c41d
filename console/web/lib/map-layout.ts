import type { OperationClass } from '../../../sensor/model/operation.js';
import type { Severity } from '../../../sensor/model/severity.js';
import { OPERATION_CLASSES, SEVERITIES } from './lists.js';
import type { MapEdge, MapNode } from './types.ts';

/** How the map is laid out: bands of levels from the enterprise (top) to the process, groups side by side in them. */

export type Grouping = 'zone' | 'vendor' | 'role' | 'subnet' | 'none';
export const GROUPINGS: readonly Grouping[] = ['zone', 'vendor', 'role', 'subnet', 'none'];

export interface Box {
  id: string;
  kind: 'node' | 'group';
  name: string;
  detail: string;
  x: number;
  y: number;
  width: number;
  height: number;
  /** Of a group: all of them. */
  nodes: readonly MapNode[];
  openAlerts: number;
  worst: Severity | null;
  known: boolean;
}

/** An opened group: a frame around its boxes. */
export interface Frame {
  id: string;
  name: string;
  x: number;
  y: number;
  width: number;
  height: number;
  count: number;
}

export interface Band {
  level: number | null;
  y: number;
  height: number;
}

export interface Line {
  id: string;
  from: Box;
  to: Box;
  worst: OperationClass | undefined;
  known: boolean;
  messages: number;
  protocols: readonly string[];
  classes: readonly OperationClass[];
}

export interface Layout {
  width: number;
  height: number;
  bands: Band[];
  frames: Frame[];
  boxes: Box[];
  lines: Line[];
}

const BOX_WIDTH = 168;
const BOX_HEIGHT = 46;
const GROUP_WIDTH = 186;
const GROUP_HEIGHT = 58;
const GAP_X = 22;
const GAP_Y = 26;
const FRAME_PAD = 12;
const FRAME_HEAD = 22;
const BAND_PAD = 26;
const BAND_HEAD = 176;
/** More boxes than this beside each other are no picture any more. */
export const AUTO_OPEN = 60;

function subnetOf(ip: string): string {
  const octets = /^(\d+\.\d+\.\d+)\.\d+$/.exec(ip);
  if (octets) return `${octets[1]}.0/24`;
  const groups = ip.includes('::') || ip.split(':').length > 6 ? ip.split(':').slice(0, 4) : [];
  return groups.length > 0 && !/^([0-9a-f]{2}:){5}/i.test(ip) ? `${groups.join(':')}::/64` : '';
}

export function groupOf(node: MapNode, grouping: Grouping): string {
  if (grouping === 'zone') return node.zone;
  if (grouping === 'vendor') return node.vendor;
  if (grouping === 'role') return node.roles[0] ?? '';
  return grouping === 'subnet' ? subnetOf(node.ip) : '';
}

function worstOf(nodes: readonly MapNode[]): Severity | null {
  return SEVERITIES.find((severity) => nodes.some((node) => node.worst === severity)) ?? null;
}

function sum(nodes: readonly MapNode[]): number {
  return nodes.reduce((total, node) => total + node.open_alerts, 0);
}

interface Group {
  id: string;
  name: string;
  nodes: MapNode[];
}

function byName(a: MapNode, b: MapNode): number {
  return a.ip.localeCompare(b.ip, 'en', { numeric: true }) || a.name.localeCompare(b.name);
}

function groupsOf(nodes: readonly MapNode[], grouping: Grouping, level: number | null): Group[] {
  const groups = new Map<string, Group>();
  for (const node of nodes) {
    const name = groupOf(node, grouping);
    let group = groups.get(name);
    if (!group) {
      group = { id: `${level ?? '?'}|${grouping}|${name}`, name, nodes: [] };
      groups.set(name, group);
    }
    group.nodes.push(node);
  }
  return [...groups.values()].sort(
    (a, b) => Number(a.name === '') - Number(b.name === '') || a.name.localeCompare(b.name, 'en', { numeric: true }),
  );
}

function levelsOf(nodes: readonly MapNode[]): (number | null)[] {
  const levels = [...new Set(nodes.map((node) => node.level))];
  // What has no level stands on top: it is what somebody should look at.
  return levels.sort((a, b) => (a === null ? -1 : b === null ? 1 : b - a));
}

/** Grouping that says something about this plant: one subnet is none. */
export function usualGrouping(nodes: readonly MapNode[]): Grouping {
  if (nodes.some((node) => node.zone !== '' && !node.zone_inferred)) return 'zone';
  if (new Set(nodes.map((node) => groupOf(node, 'subnet'))).size > 1) return 'subnet';
  return nodes.length > AUTO_OPEN ? 'role' : 'none';
}

/** Groups that are open without anybody having said so: all while that makes a picture, else none. */
export function openAtFirst(nodes: readonly MapNode[], grouping: Grouping): Set<string> {
  if (nodes.length > AUTO_OPEN && grouping !== 'none') return new Set();
  return new Set(
    levelsOf(nodes).flatMap((level) =>
      groupsOf(
        nodes.filter((node) => node.level === level),
        grouping,
        level,
      ).map(({ id }) => id),
    ),
  );
}

export function layOut(
  nodes: readonly MapNode[],
  edges: readonly MapEdge[],
  grouping: Grouping,
  open: ReadonlySet<string>,
  room: number,
): Layout {
  const boxes: Box[] = [];
  const frames: Frame[] = [];
  const bands: Band[] = [];
  /** The box that stands for a device: its own, or its group's. */
  const standsFor = new Map<string, Box>();
  const right = Math.max(room, BAND_HEAD + 3 * (GROUP_WIDTH + GAP_X));
  let y = 0;
  let widest = right;
  for (const level of levelsOf(nodes)) {
    const top = y;
    let x = BAND_HEAD;
    let rowTop = top + BAND_PAD;
    let rowHeight = 0;
    const place = (width: number, height: number) => {
      if (x > BAND_HEAD && x + width > right) {
        x = BAND_HEAD;
        rowTop += rowHeight + GAP_Y;
        rowHeight = 0;
      }
      const at = { x, y: rowTop };
      x += width + GAP_X;
      rowHeight = Math.max(rowHeight, height);
      widest = Math.max(widest, at.x + width + GAP_X);
      return at;
    };
    for (const group of groupsOf(
      nodes.filter((node) => node.level === level),
      grouping,
      level,
    )) {
      if (!open.has(group.id) && group.nodes.length > 1 && grouping !== 'none') {
        const at = place(GROUP_WIDTH, GROUP_HEIGHT);
        const box: Box = {
          id: group.id,
          kind: 'group',
          name: group.name,
          detail: '',
          ...at,
          width: GROUP_WIDTH,
          height: GROUP_HEIGHT,
          nodes: group.nodes,
          openAlerts: sum(group.nodes),
          worst: worstOf(group.nodes),
          known: group.nodes.every((node) => node.known),
        };
        boxes.push(box);
        for (const node of group.nodes) standsFor.set(node.id, box);
        continue;
      }
      const available = Math.max(1, Math.floor((right - BAND_HEAD - 2 * FRAME_PAD + GAP_X) / (BOX_WIDTH + GAP_X)));
      const columns = Math.min(
        group.nodes.length,
        available,
        Math.max(4, Math.ceil(Math.sqrt(group.nodes.length * 2))),
      );
      const rows = Math.ceil(group.nodes.length / columns);
      const framed = grouping !== 'none';
      const pad = framed ? FRAME_PAD : 0;
      const head = framed ? FRAME_HEAD : 0;
      const width = columns * (BOX_WIDTH + GAP_X) - GAP_X + 2 * pad;
      const height = rows * (BOX_HEIGHT + GAP_Y) - GAP_Y + 2 * pad + head;
      const at = place(width, height);
      if (framed) frames.push({ id: group.id, name: group.name, ...at, width, height, count: group.nodes.length });
      for (const [index, node] of [...group.nodes].sort(byName).entries()) {
        const box: Box = {
          id: node.id,
          kind: 'node',
          name: node.name,
          detail: node.name === node.ip ? '' : node.ip,
          x: at.x + pad + (index % columns) * (BOX_WIDTH + GAP_X),
          y: at.y + pad + head + Math.floor(index / columns) * (BOX_HEIGHT + GAP_Y),
          width: BOX_WIDTH,
          height: BOX_HEIGHT,
          nodes: [node],
          openAlerts: node.open_alerts,
          worst: node.worst,
          known: node.known,
        };
        boxes.push(box);
        standsFor.set(node.id, box);
      }
    }
    const height = rowTop + rowHeight + BAND_PAD - top;
    bands.push({ level, y: top, height });
    y = top + height;
  }
  return { width: widest, height: y, bands, frames, boxes, lines: linesOf(edges, standsFor) };
}

function linesOf(edges: readonly MapEdge[], standsFor: ReadonlyMap<string, Box>): Line[] {
  const lines = new Map<string, Line>();
  for (const edge of edges) {
    const from = standsFor.get(edge.client);
    const to = standsFor.get(edge.server);
    if (!from || !to || from === to) continue;
    const id = `${from.id}>${to.id}`;
    const line = lines.get(id);
    const classes = [...new Set([...(line?.classes ?? []), ...edge.classes])];
    lines.set(id, {
      id,
      from,
      to,
      classes,
      worst: OPERATION_CLASSES.find((one) => classes.includes(one)),
      known: (line?.known ?? true) && edge.known,
      messages: (line?.messages ?? 0) + edge.messages,
      protocols: [...new Set([...(line?.protocols ?? []), ...edge.protocols])],
    });
  }
  // What weighs most is drawn last, on top.
  const weight = (line: Line) =>
    (line.worst ? OPERATION_CLASSES.length - OPERATION_CLASSES.indexOf(line.worst) : 0) + (line.known ? 0 : 10);
  return [...lines.values()].sort((a, b) => weight(a) - weight(b));
}

/** Colour class of a line or cell by the worst that is done. */
export function tone(worst: OperationClass | undefined): 'program' | 'write' | 'read' | 'other' {
  if (worst === 'program' || worst === 'control') return 'program';
  if (worst === 'write') return 'write';
  return worst === 'read' ? 'read' : 'other';
}

/** A line that leaves and meets boxes at their nearer edges, bowed so that two directions do not cover each other. */
export function path(line: Line): string {
  const { from, to } = line;
  const ax = from.x + from.width / 2;
  const bx = to.x + to.width / 2;
  const down = to.y >= from.y + from.height;
  const up = to.y + to.height <= from.y;
  if (down || up) {
    const ay = down ? from.y + from.height : from.y;
    const by = down ? to.y : to.y + to.height;
    const bend = Math.max(14, Math.abs(by - ay) * 0.45) * (down ? 1 : -1);
    const shift = down ? 5 : -5;
    return `M${ax + shift} ${ay}C${ax + shift} ${ay + bend} ${bx + shift} ${by - bend} ${bx + shift} ${by}`;
  }
  // Beside each other: over the top there, under the bottom back.
  const over = from.x <= to.x;
  const ay = over ? from.y : from.y + from.height;
  const by = over ? to.y : to.y + to.height;
  const bend = Math.min(20, 10 + Math.abs(bx - ax) * 0.04) * (over ? -1 : 1);
  return `M${ax} ${ay}C${ax} ${ay + bend} ${bx} ${by + bend} ${bx} ${by}`;
}

/** The box that the arrow key leads to: the nearest in that direction, straight ahead before aside. */
export function neighbour(boxes: readonly Box[], from: Box, key: string): Box | undefined {
  const centre = (box: Box) => ({ x: box.x + box.width / 2, y: box.y + box.height / 2 });
  const here = centre(from);
  let best: Box | undefined;
  let least = Number.POSITIVE_INFINITY;
  for (const box of boxes) {
    const there = centre(box);
    const dx = there.x - here.x;
    const dy = there.y - here.y;
    const ahead = key === 'ArrowRight' ? dx : key === 'ArrowLeft' ? -dx : key === 'ArrowDown' ? dy : -dy;
    if (ahead <= 4) continue;
    const aside = key === 'ArrowRight' || key === 'ArrowLeft' ? Math.abs(dy) : Math.abs(dx);
    const cost = ahead + aside * 2.5;
    if (cost < least) {
      least = cost;
      best = box;
    }
  }
  return best;
}
