import type { DeviationModel } from './model.js';
import { deviceSilent } from './models/device-silent/index.js';
import { identityChanged } from './models/identity-changed/index.js';
import { newAsset } from './models/new-asset/index.js';
import { newConversation } from './models/new-conversation/index.js';
import { newOperation } from './models/new-operation/index.js';
import { newTarget } from './models/new-target/index.js';
import { newWriter } from './models/new-writer/index.js';
import { pollingChanged } from './models/polling-changed/index.js';
import { pollingStopped } from './models/polling-stopped/index.js';
import { slowAnswers } from './models/slow-answers/index.js';
import { stackedMessages } from './models/stacked-messages/index.js';
import { unusualHour } from './models/unusual-hour/index.js';
import { unusualRate } from './models/unusual-rate/index.js';
import { unusualValue } from './models/unusual-value/index.js';

/** The deviation models, one line each. A novelty goes to all of them. */
export const DEVIATION_MODELS: readonly DeviationModel[] = [
  newAsset,
  identityChanged,
  newConversation,
  newOperation,
  newWriter,
  newTarget,
  unusualValue,
  deviceSilent,
  pollingStopped,
  pollingChanged,
  slowAnswers,
  stackedMessages,
  unusualRate,
  unusualHour,
];
