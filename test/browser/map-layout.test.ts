import { describe, expect, it } from 'vitest';
import type { MapEdge, MapNode } from '../../console/answers.js';
import { type Box, type Grouping, layOut, openAtFirst, usualGrouping } from '../../console/web/lib/map-layout.js';

const ROLES = ['plc', 'hmi', 'engineering_station', 'io_device', 'switch', 'historian'];

function device(index: number, change: Partial<MapNode> = {}): MapNode {
  return {
    id: `device ${index}`,
    name: `Device ${index}`,
    ip: `10.0.${Math.floor(index / 250)}.${index % 250}`,
    roles: [ROLES[index % ROLES.length] ?? 'plc'],
    vendor: '',
    level: index % 4,
    zone: '',
    zone_inferred: false,
    criticality: 'medium',
    approved: true,
    known: true,
    open_alerts: 0,
    worst: null,
    ...change,
  };
}

const plant = (count: number, change: Partial<MapNode> = {}) =>
  Array.from({ length: count }, (_, index) => device(index, change));

function edgesOf(nodes: readonly MapNode[]): MapEdge[] {
  return nodes.slice(1).map((node, index) => ({
    client: nodes[Math.floor(index / 8)]?.id ?? '',
    server: node.id,
    protocols: ['modbus'],
    classes: ['read'],
    messages: 10,
    bytes: 1000,
    known: true,
  }));
}

function overlaps(boxes: readonly Box[]): string[] {
  const found: string[] = [];
  boxes.forEach((one, index) => {
    for (const other of boxes.slice(index + 1)) {
      const beside = one.x + one.width <= other.x || other.x + other.width <= one.x;
      const below = one.y + one.height <= other.y || other.y + other.height <= one.y;
      if (!beside && !below) found.push(`${one.id} on ${other.id}`);
    }
  });
  return found;
}

describe('the map groups at first', () => {
  it.each<[what: string, nodes: MapNode[], grouping: Grouping]>([
    ['by zones where people have named them', [device(1, { zone: 'Filling' }), device(2)], 'zone'],
    ['by subnets where there are several', [device(1), device(300)], 'subnet'],
    ['not at all in a small plant with one subnet', plant(10), 'none'],
    ['by roles in a large plant with one subnet', plant(200), 'role'],
  ])('%s', (_, nodes, grouping) => {
    expect(usualGrouping(nodes)).toBe(grouping);
  });
});

describe('the map is readable', () => {
  it.each([10, 60, 2000])('with %d devices: few boxes, none on another, and no wider than the screen', (count) => {
    const nodes = plant(count);
    const grouping = usualGrouping(nodes);
    const { boxes, width, lines } = layOut(nodes, edgesOf(nodes), grouping, openAtFirst(nodes, grouping), 1100);
    expect(boxes.length).toBeLessThanOrEqual(60);
    expect(boxes.flatMap((box) => box.nodes)).toHaveLength(count);
    expect(overlaps(boxes)).toEqual([]);
    expect(width).toBeLessThanOrEqual(1130);
    for (const { from, to } of lines) expect(from).not.toBe(to);
  });

  it('with every group of 2,000 devices open: no box on another', () => {
    const nodes = plant(2000);
    const all = new Set(nodes.flatMap((node) => [`${node.level}|role|${node.roles[0]}`]));
    const { boxes } = layOut(nodes, edgesOf(nodes), 'role', all, 1100);
    expect(boxes).toHaveLength(2000);
    expect(overlaps(boxes)).toEqual([]);
  });
});
