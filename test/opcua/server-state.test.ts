import { expect, test } from 'vitest';
import { SharedBudget } from '../../sensor/protocols/_shared/shared-budget.js';
import type { NodeIdEntry } from '../../sensor/protocols/opcua/node-id.js';
import { ServerStates } from '../../sensor/protocols/opcua/server-state.js';

const node = { text: 'i=1' } as NodeIdEntry;
const item = { node, attribute: 13, element: 0 };

test('what makes room for a subscription does not take its server with it', () => {
  // Room for one subscription with one item: the next one of the same server drops it.
  const servers = new ServerStates(new SharedBudget(2));
  servers.ofOrNew('server').subscriptionOrNew(1).set(7, item);
  const kept = servers.ofOrNew('server').subscriptionOrNew(2);
  kept.set(8, item);
  expect(servers.of('server')?.subscription(1)).toBeUndefined();
  expect(servers.of('server')?.subscription(2)).toBe(kept);
  expect(kept.get(8)).toBe(item);
});

test('nor does what makes room for registered nodes', () => {
  const servers = new ServerStates(new SharedBudget(2));
  servers.ofOrNew('server').subscriptionOrNew(1).set(7, item);
  const kept = servers.ofOrNew('server').aliasesOrNew('session');
  kept.set('i=2', node);
  expect(servers.of('server')?.aliases('session')).toBe(kept);
});

test('a server of which nothing is kept any more is forgotten', () => {
  const servers = new ServerStates(new SharedBudget(10));
  servers.ofOrNew('server').subscriptionOrNew(1);
  servers.of('server')?.removeSubscription(1);
  expect(servers.of('server')).toBeUndefined();
});
