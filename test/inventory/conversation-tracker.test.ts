import { expect, test } from 'vitest';
import { proposalsOf } from '../../sensor/baseline/baseline-file.js';
import { ConversationTracker, OperationState } from '../../sensor/inventory/conversation-tracker.js';
import { MODBUS_OPERATIONS } from '../../sensor/protocols/modbus/functions.js';

const KEY = { clientIp: '10.0.0.1', serverIp: '10.0.0.2', protocol: 'modbus', port: 502, transport: 'tcp' } as const;
const CLEAR = 'diagnostics.clear_counters_and_diagnostic_register';
const SAID = [{ operation: CLEAR, targets: [] }];

function seen(isWithheld: boolean, count = 3) {
  const conversation = new ConversationTracker().find(KEY, 0)!;
  conversation.inBaseline = true;
  const operation = MODBUS_OPERATIONS.find(({ name }) => name === CLEAR)!;
  if (count > 0) {
    const state = new OperationState(operation, 0);
    state.count = count;
    state.isWithheld = isWithheld;
    conversation.operations[operation.index] = state;
  }
  return conversation;
}

const recordOf = (conversation: ReturnType<typeof seen>) =>
  conversation
    .toRecord(false)
    .operations.map(({ in_baseline, withheld, declared }) => [in_baseline, withheld === true, declared === true]);

test.each([
  ['what was proposed is proposed again', true, [[false, true, false]], 1],
  ['what was not may be learned', false, [[false, false, false]], 0],
])('a confirmation that is taken back: %s', (_, isWithheld, record, proposals) => {
  const conversation = seen(isWithheld);
  conversation.declare(SAID, [], MODBUS_OPERATIONS, 1);
  expect(recordOf(conversation)).toEqual([[true, isWithheld, true]]);
  expect(proposalsOf(conversation.toRecord(false))).toEqual([]);
  conversation.withdraw((operation) => operation === null);
  expect(recordOf(conversation)).toEqual(record);
  expect(proposalsOf(conversation.toRecord(false))).toHaveLength(proposals);
});

test('an operation that only a file named leaves nothing behind', () => {
  const conversation = seen(false, 0);
  conversation.declare(SAID, [], MODBUS_OPERATIONS, 1);
  expect(recordOf(conversation)).toEqual([[true, false, true]]);
  conversation.withdraw((operation) => operation === null);
  expect(recordOf(conversation)).toEqual([]);
});

test('what a person rejects is withheld, whoever had confirmed it', () => {
  const conversation = seen(false);
  conversation.declare(SAID, [], MODBUS_OPERATIONS, 1);
  conversation.reject(CLEAR);
  expect(recordOf(conversation)).toEqual([[false, true, false]]);
});
