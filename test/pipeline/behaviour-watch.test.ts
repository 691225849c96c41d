import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { ConversationTracker } from '../../sensor/inventory/conversation-tracker.js';
import { MICROS_PER_SECOND } from '../../sensor/model/time.js';
import { BehaviourWatch } from '../../sensor/pipeline/behaviour-watch.js';
import { MODBUS_PROTOCOL } from '../../sensor/protocols/modbus/protocol.js';

const START = 1_764_000_000 * MICROS_PER_SECOND;
const ROOM = 50_000;

test('a conversation that made room for others is not held on to', () => {
  setFlagsFromString('--expose-gc');
  const collectGarbage = runInNewContext('gc') as () => void;
  const conversations = new ConversationTracker();
  const watch = new BehaviourWatch(conversations, {
    learns: () => false,
    protocolOf: () => MODBUS_PROTOCOL,
    viewOf: () => {
      throw new Error('nothing was found');
    },
    found: () => {},
  });
  const find = (port: number, at: number) =>
    conversations.find({ clientIp: '10.0.0.1', serverIp: '10.0.0.2', protocol: 'modbus', port, transport: 'tcp' }, at);
  const watched = Array.from({ length: 10 }, (_, port) => {
    const conversation = find(port, START)!;
    conversation.requests = 1;
    return new WeakRef(conversation);
  });
  watch.begin(START);
  const later = START + 20 * MICROS_PER_SECOND;
  watch.run(
    later,
    later,
    () => {},
    () => {},
  );
  for (let port = watched.length; port <= ROOM; port++) find(port, later);
  expect(conversations.forgotten).toBe(ROOM / 10);
  // Whoever makes a weak reference holds on to what it names until the end of the turn.
  return new Promise<void>((resolve) => setImmediate(resolve)).then(() => {
    collectGarbage();
    expect(watched.filter((one) => one.deref() !== undefined)).toEqual([]);
    expect(watch.due).toBeGreaterThan(later);
  });
});
