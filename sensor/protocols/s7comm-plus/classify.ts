import type { Operation } from '../../model/operation.js';
import { FUNCTION, functionDef, OPERATION } from './functions.js';
import {
  blockType,
  ID,
  isBlockClass,
  isDynamic,
  isProtection,
  isSoftware,
  isSubscriptionAttribute,
  isTestJobClass,
} from './ids.js';
import type { Message } from './message.js';

/** What is known of the objects of this connection. */
export interface SessionObjects {
  /** Whether it is a session that this connection opened, or one that its requests name. */
  isSession(id: number): boolean;
  /** Whether it was created inside a session of this connection. */
  isOfSession(id: number): boolean;
}

/** States of `CPUexecUnit.OperatingStateREQ`. */
export const OPERATING_STATE = { STOP: 1, RUN: 3 } as const;

/** What a request does, more precisely than its function says. `state`: the operating state asked for, or NaN. */
export function classify(message: Message, objects: SessionObjects, state: number): Operation {
  switch (message.functionCode) {
    case FUNCTION.CREATE_OBJECT:
      return created(message, objects);
    case FUNCTION.DELETE_OBJECT:
      return deleted(message, objects);
    case FUNCTION.SET_VARIABLE:
      return attributeSet(message, objects, state);
    case FUNCTION.SET_MULTI_VARIABLES:
      return attributesSet(message, objects);
    case FUNCTION.SET_VAR_SUBSTREAMED:
      return isSoftware(message.objectId) ? OPERATION.writeBlock : functionDef(message.functionCode).operation;
    case FUNCTION.EXPLORE:
      return explored(message);
    default:
      return functionDef(message.functionCode).operation;
  }
}

function created(message: Message, objects: SessionObjects): Operation {
  const { objectId, objects: list } = message;
  const first = list.count > 0 ? list.at[0]! : -1;
  if (objectId === ID.ServerSessionContainer) return OPERATION.createSession;
  for (let index = 0; index < list.count; index++) {
    const classId = list.at[index]!;
    if (isTestJobClass(classId)) return OPERATION.createTestJob;
    if (isBlockClass(classId) || classId === ID.PLCProgramClass) return OPERATION.downloadBlock;
  }
  if (first === ID.SubscriptionClass || first === ID.AlarmSubscriptionClass) return OPERATION.createSubscription;
  if (first === ID.TransactionClass) return OPERATION.createTransaction;
  if (objects.isSession(objectId) || objects.isOfSession(objectId)) return OPERATION.createSessionObject;
  return first < 0 ? functionDef(message.functionCode).operation : OPERATION.downloadConfiguration;
}

function deleted(message: Message, objects: SessionObjects): Operation {
  const { objectId } = message;
  if (objectId === message.sessionId || objects.isSession(objectId)) return OPERATION.deleteSession;
  if (objects.isOfSession(objectId) || isDynamic(objectId)) return OPERATION.deleteSessionObject;
  return isSoftware(objectId) ? OPERATION.deleteBlock : functionDef(message.functionCode).operation;
}

function attributeSet(message: Message, objects: SessionObjects, state: number): Operation {
  const { objectId, ids } = message;
  const id = ids[0] ?? 0;
  if (objectId === ID.CPUexecUnit && id === ID.OperatingStateREQ) {
    if (state === OPERATING_STATE.RUN) return OPERATION.startCpu;
    return state === OPERATING_STATE.STOP ? OPERATION.stopCpu : OPERATION.changeOperatingState;
  }
  if (isCommand(id)) return OPERATION.changeOperatingState;
  if (id === ID.RootMemoryReset || id === ID.RootReset) return OPERATION.memoryReset;
  if (objectId === ID.CPUcommon && (id === ID.LocalTime || id === ID.SystemTime)) return OPERATION.setClock;
  if (isProtection(id)) return OPERATION.changeProtection;
  if (isLogon(id)) return OPERATION.authenticate;
  if (isSubscriptionAttribute(id)) return OPERATION.changeSubscription;
  if (objectId === message.sessionId || objects.isSession(objectId)) return OPERATION.setSessionAttribute;
  if (objects.isOfSession(objectId) || isDynamic(objectId)) return OPERATION.setSessionAttribute;
  return isVariable(objectId) ? functionDef(message.functionCode).operation : OPERATION.setAttribute;
}

function attributesSet(message: Message, objects: SessionObjects): Operation {
  const { objectId, ids } = message;
  // By address: the addresses say more, and are looked at one by one.
  if (objectId < 0) return functionDef(message.functionCode).operation;
  if (ids.some(isCommand) || ids.includes(ID.RootMemoryReset) || ids.includes(ID.RootReset)) {
    return OPERATION.commandObjects;
  }
  if (ids.some(isProtection)) return OPERATION.changeProtections;
  if (ids.includes(ID.SessionKey)) return OPERATION.exchangeKey;
  if (ids.some(isLogon)) return OPERATION.authenticateAtOnce;
  if (ids.some(isSubscriptionAttribute)) return OPERATION.changeSubscriptions;
  if (objectId === message.sessionId || objects.isSession(objectId) || isDynamic(objectId)) {
    return OPERATION.setSessionAttributes;
  }
  return isVariable(objectId) ? functionDef(message.functionCode).operation : OPERATION.setAttributes;
}

function isLogon(id: number): boolean {
  return id === ID.ServerSessionResponse || id === ID.Legitimate;
}

/** Attributes that are commands: whoever writes one makes the device do something. */
export function isCommand(id: number): boolean {
  return id === ID.OperatingStateREQ || id === ID.ASStateREQ || id === ID.CPstateREQ || id === ID.CommandREQ;
}

function explored(message: Message): Operation {
  const { objectId, ids } = message;
  const asksForCode = ids.includes(ID.BodyDescription) || ids.includes(ID.FunctionalObjectCode);
  // Without a list of attributes all of them are sent, code included.
  const isWholeBlock = blockType(objectId) !== null && ids.length === 0;
  return asksForCode || isWholeBlock ? OPERATION.uploadBlock : functionDef(message.functionCode).operation;
}

function isVariable(objectId: number): boolean {
  return isSoftware(objectId) || (objectId >= ID.InputArea && objectId <= ID.TimerArea);
}
