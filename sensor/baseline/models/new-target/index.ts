import { isIntrusive } from '../../../model/operation.js';
import type { DeviationModel } from '../../model.js';
import { youthText } from '../../youth.js';

const MAX_LISTED = 6;

/** A known operation on registers, areas or nodes that it never touched. */
export const newTarget: DeviationModel = {
  id: 'new-target',
  description: 'A station that reads or writes other registers, areas or nodes of a device than during learning.',
  judge(novelty) {
    if (novelty.kind !== 'target') return null;
    const { conversation, operation, object, learned, observations, extent } = novelty;
    const { client, server, protocol, since } = conversation;
    const isSerious = isIntrusive(operation.class);
    const isRoutine = conversation.isYoung && (!isSerious || operation.class === 'write');
    const listed = learned.slice(0, MAX_LISTED).join(', ');
    const more = learned.length > MAX_LISTED ? ' and others' : '';
    return {
      title: isSerious ? 'Write to something that was never written' : 'Read of something that was never read',
      description: `${client.label} used "${operation.title}" on ${server.label} for ${object}. It knows this operation, but not on this.${isRoutine ? youthText(conversation) : ''}`,
      severity: isRoutine ? 'informational' : isSerious ? 'high' : 'low',
      source: client,
      target: server,
      protocol,
      object,
      techniques: isSerious ? ['T0855', 'T0836'] : ['T0801', 'T0861'],
      expected: `Only: ${listed}${more} (from ${observations} messages since ${since}).`,
      observed: extent.join('; '),
      recommendation: isSerious
        ? 'Find out what this register or node controls, compare its value with what it should be, and ask who worked at this station.'
        : 'Check whether the program of this station was changed. If it reads this from now on, accept it into the baseline.',
      key: `${client.ip} ${server.ip} ${protocol} ${isSerious ? 'change' : 'read'}`,
      tellsExtent: true,
    };
  },
};
