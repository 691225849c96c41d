import type { DeviationModel } from '../../model.js';

/** Changes at a time at which nobody ever changed anything. */
export const unusualHour: DeviationModel = {
  id: 'unusual-hour',
  description: 'Writing or control at an hour of the week at which this station never did so in two weeks or more.',
  judge(novelty) {
    if (novelty.kind !== 'hour') return null;
    const { conversation, operation, hour, hours, observations } = novelty;
    const { client, server, protocol } = conversation;
    return {
      title: 'Change at an unusual hour',
      description: `${client.label} used "${operation.title}" on ${server.label} (${hour}). It has never changed anything there at this hour.`,
      severity: 'low',
      source: client,
      target: server,
      protocol,
      object: null,
      techniques: ['T0855'],
      expected: `Changes in ${hours} hours of the week (from ${observations} messages).`,
      observed: hour,
      recommendation: 'Ask whether somebody worked at this station at that time.',
      key: `${client.ip} ${server.ip} ${protocol}`,
    };
  },
};
