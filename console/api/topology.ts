import { OPERATION_CLASSES } from '../../sensor/model/operation.js';
import type { Alert, Asset, Conversation } from '../../sensor/model/records.js';
import { SEVERITIES, severityRank } from '../../sensor/model/severity.js';
import type { MapAnswer, MapEdge, MapNode } from '../answers.js';
import type { ConsoleContext } from './context.js';
import { safeJson } from './json.js';
import { PORTION, Snapshot, type SnapshotSources } from './snapshot.js';
import { muteOf } from './work.js';

/** More than a screen can show in any grouping; the quietest are left out, and counted. */
const MAX_NODES = 2500;
const MAX_EDGES = 8000;
const MAX_PROTOCOLS = 8;
/** Open alerts that the marks on the map stand for: the newest. */
const MAX_ALERTS = 1000;

function nodeOf(asset: Asset): MapNode {
  return {
    id: asset.id,
    name: asset.name,
    ip: asset.ips[0] ?? asset.macs[0] ?? '',
    roles: asset.roles,
    vendor: asset.vendor ?? '',
    level: asset.purdue_level,
    zone: asset.zone ?? '',
    zone_inferred: asset.zone_inferred === true,
    criticality: asset.criticality,
    approved: asset.approved,
    known: asset.approved || asset.in_baseline,
    open_alerts: 0,
    worst: null,
  };
}

function addConversation(edges: Map<string, MapEdge>, conversation: Conversation): void {
  const key = `${conversation.client}\n${conversation.server}`;
  let edge = edges.get(key);
  if (!edge) {
    edge = {
      client: conversation.client,
      server: conversation.server,
      protocols: [],
      classes: [],
      messages: 0,
      bytes: 0,
      known: true,
    };
    edges.set(key, edge);
  }
  edge.bytes += conversation.bytes;
  edge.known &&= conversation.in_baseline;
  if (!edge.protocols.includes(conversation.protocol) && edge.protocols.length < MAX_PROTOCOLS) {
    edge.protocols.push(conversation.protocol);
  }
  for (const operation of conversation.operations) {
    edge.messages += operation.count;
    edge.known &&= operation.in_baseline;
    if (!edge.classes.includes(operation.class)) edge.classes.push(operation.class);
  }
}

function mark(nodes: ReadonlyMap<string, MapNode>, alert: Alert): void {
  for (const id of new Set([alert.src_asset, alert.dest_asset])) {
    const node = id === undefined ? undefined : nodes.get(id);
    if (!node) continue;
    node.open_alerts++;
    if (node.worst === null || severityRank(alert.severity) > severityRank(node.worst)) node.worst = alert.severity;
  }
}

/** How much a device is worth showing when not all can be: alerts first, then what is new, then who talks most. */
function weight(node: MapNode, degree: number): number {
  const alerts = node.worst === null ? 0 : 1 + SEVERITIES.indexOf(node.worst);
  return alerts * 1e9 + (node.known ? 0 : 1e8) + degree;
}

type TopologySources = SnapshotSources & Pick<ConsoleContext, 'accounts' | 'now'>;

async function make(context: TopologySources, turn: () => Promise<void>): Promise<MapAnswer> {
  const { findings } = context;
  const nodes = new Map<string, MapNode>();
  for (let after: number | null = 0; after !== null; ) {
    const walk = findings.walkAssets(after, PORTION);
    for (const asset of walk.items) nodes.set(asset.id, nodeOf(asset));
    after = walk.next;
    await turn();
  }
  const edges = new Map<string, MapEdge>();
  for (let after: number | null = 0; after !== null; ) {
    const walk = findings.walkConversations(after, PORTION);
    for (const conversation of walk.items) addConversation(edges, conversation);
    after = walk.next;
    await turn();
  }
  const mutes = context.accounts.work.mutes();
  for (let cursor: string | undefined, seen = 0; seen < MAX_ALERTS; ) {
    const page = findings.alerts({ status: ['open'], limit: PORTION, ...(cursor === undefined ? {} : { cursor }) });
    for (const alert of page.items) if (muteOf(alert, mutes) === null) mark(nodes, alert);
    seen += PORTION;
    await turn();
    if (page.next === null) break;
    cursor = page.next;
  }
  const degrees = new Map<string, number>();
  for (const { client, server } of edges.values()) {
    degrees.set(client, (degrees.get(client) ?? 0) + 1);
    degrees.set(server, (degrees.get(server) ?? 0) + 1);
  }
  const shown = [...nodes.values()];
  if (shown.length > MAX_NODES) {
    const worth = new Map(shown.map((node) => [node.id, weight(node, degrees.get(node.id) ?? 0)]));
    shown.sort((a, b) => (worth.get(b.id) ?? 0) - (worth.get(a.id) ?? 0));
    shown.length = MAX_NODES;
  }
  const ids = new Set(shown.map((node) => node.id));
  const between = [...edges.values()].filter((edge) => ids.has(edge.client) && ids.has(edge.server));
  for (const edge of between) {
    edge.classes.sort((a, b) => OPERATION_CLASSES.indexOf(b) - OPERATION_CLASSES.indexOf(a));
  }
  between.sort((a, b) => Number(a.known) - Number(b.known) || b.messages - a.messages);
  return {
    nodes: shown,
    edges: between.slice(0, MAX_EDGES),
    total_nodes: nodes.size,
    total_edges: edges.size,
  };
}

export interface PreparedMapAnswer {
  topology: MapAnswer;
  /** As it is sent: written once for all who ask. */
  json: string;
}

/** Who talks to whom, all at once. */
const kept = new WeakMap<TopologySources, Snapshot<PreparedMapAnswer>>();

/** One for all who ask. */
export function topologySnapshot(context: TopologySources): Snapshot<PreparedMapAnswer> {
  const known = kept.get(context);
  if (known !== undefined) return known;
  const snapshot = new Snapshot(context, async (turn) => {
    const topology = await make(context, turn);
    await turn();
    return { topology, json: await jsonOf(topology, turn) };
  });
  kept.set(context, snapshot);
  return snapshot;
}

/** Tens of thousands of lines at once would hold up everybody else. */
async function jsonOf({ nodes, edges, ...figures }: MapAnswer, turn: () => Promise<void>): Promise<string> {
  const list = async (items: readonly object[]): Promise<string> => {
    const parts: string[] = [];
    for (let from = 0; from < items.length; from += PORTION) {
      parts.push(safeJson(items.slice(from, from + PORTION)).slice(1, -1));
      await turn();
    }
    return `[${parts.join(',')}]`;
  };
  const rest = safeJson(figures).slice(1, -1);
  return `{"nodes":${await list(nodes)},"edges":${await list(edges)}${rest === '' ? '' : `,${rest}`}}`;
}
