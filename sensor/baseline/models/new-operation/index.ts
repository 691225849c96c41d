import { isIntrusive } from '../../../model/operation.js';
import type { DeviationModel } from '../../model.js';
import { youthText } from '../../youth.js';

const MAX_LISTED = 6;

/** A known pair does something that it never did. */
export const newOperation: DeviationModel = {
  id: 'new-operation',
  description: 'A function that a known pair of devices did not use during learning.',
  judge(novelty) {
    if (novelty.kind !== 'operation') return null;
    const { conversation, operation, object } = novelty;
    // A new pair is one finding; a first write is the next model's.
    if (!conversation.inBaseline) return null;
    if (isIntrusive(operation.class) && !conversation.hasLearnedWriter) return null;
    const { client, server, protocol, learnedOperations, observations } = conversation;
    const listed = learnedOperations.slice(0, MAX_LISTED).join(', ');
    const more = learnedOperations.length > MAX_LISTED ? ' and others' : '';
    const isSerious = isIntrusive(operation.class);
    // Control and programming are no routine, however little was learned.
    const isRoutine = conversation.isYoung && (!isSerious || operation.class === 'write');
    return {
      title: `New operation: ${operation.title}`,
      description: `${client.label} used "${operation.title}" on ${server.label} for the first time${object === null ? '' : ` (${object})`}.${isRoutine ? youthText(conversation) : ''}`,
      severity: isRoutine ? 'informational' : isSerious ? 'high' : 'medium',
      source: client,
      target: server,
      protocol,
      object,
      techniques: isSerious ? ['T0855'] : ['T0888'],
      expected: `${listed === '' ? 'Nothing learned yet' : `Only: ${listed}${more}`} (from ${observations} messages).`,
      observed: object === null ? operation.title : `${operation.title}, ${object}`,
      recommendation:
        'Check whether someone worked on this device at that time. If the operation is part of normal work, accept it into the baseline.',
      key: `${client.ip} ${server.ip} ${protocol} ${operation.class}`,
    };
  },
};
