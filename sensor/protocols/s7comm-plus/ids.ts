/**
 * Numbers of the controller's objects, classes and attributes. One numbering serves all three; the names are those that
 * the controllers and the engineering tools use among themselves. Only what a plant or a rule asks for is listed.
 */
export const ID = {
  ASRoot: 1,
  HWConfiguration: 2,
  PLCProgram: 3,
  CPUcommon: 50,
  CPUexecUnit: 52,
  InputArea: 80,
  OutputArea: 81,
  MemoryArea: 82,
  CounterArea: 83,
  TimerArea: 84,
  GetNewRIDOnServer: 211,
  ObjectName: 233,
  ServerSessionContainer: 285,
  ServerSessionClass: 287,
  NullServerSession: 288,
  ServerSessionClientID: 289,
  ServerSessionUser: 296,
  ServerSessionApplication: 297,
  ServerSessionHost: 298,
  ServerSessionRole: 299,
  ServerSessionClientComment: 301,
  ServerSessionChallenge: 303,
  ServerSessionResponse: 304,
  ServerSessionVersion: 306,
  SessionVersionSystemPAOMString: 319,
  RootMemoryReset: 387,
  RootReset: 388,
  TypeInfoClass: 511,
  TypeInfoContainerClass: 534,
  SubscriptionClass: 1001,
  SubscriptionReferenceList: 1048,
  SubscriptionFunctionClassId: 1082,
  ObjectQualifier: 1256,
  TransactionClass: 1700,
  SecurityKeyClass: 1800,
  SecurityKeyEncryptedKey: 1805,
  SessionKey: 1830,
  Legitimate: 1846,
  OperatingStateREQ: 2167,
  CPUcommonClass: 2436,
  LocalTime: 2415,
  SystemTime: 2421,
  ESversion: 2459,
  PLCProgramClass: 2520,
  BlockNumber: 2521,
  BlockLanguage: 2523,
  KnowhowProtected: 2524,
  BodyDescription: 2533,
  DBValueInitial: 2548,
  DBValueActual: 2550,
  DBClass: 2574,
  FBClass: 2578,
  FCClass: 2579,
  FunctionalObjectCode: 2580,
  OBClass: 2610,
  FirstEventOBClass: 2637,
  LastEventOBClass: 2658,
  AlarmSubscriptionClass: 2662,
  TisJobClass: 2700,
  ContinuingTisJobClass: 2708,
  SessionTisJobClass: 2709,
  KnowhowProtectionPassword: 3449,
  CPUProtectionLevel: 3451,
  ProtectionPassword: 3452,
  ProtectionFailsafePassword: 3453,
  AreaValueInitial: 3735,
  AreaValueActual: 3736,
  ASStateREQ: 3748,
  IuM0DataActual: 3753,
  UDTClass: 3932,
  FCTClass: 3935,
  CPstateREQ: 4544,
  ProtectionPassword2: 4681,
  ProtectionPassword3: 4682,
  CommandREQ: 4688,
  TISDescriptionClass: 4698,
  TraceDescriptionClass: 4700,
  CPUPassword: 7918,
  CPUPasswordFailsafe: 7921,
  SMPassword: 7923,
  SMProtectionLevel: 7927,
  LegitimationPassword: 40403,
} as const;

/** Objects that every controller has. */
const OBJECT_NAMES: Readonly<Record<number, string>> = {
  1: 'ASRoot',
  2: 'HWConfiguration',
  3: 'PLCProgram',
  4: 'Folders',
  5: 'Logs',
  7: 'TisJobCont',
  8: 'AlarmSubsystem',
  9: 'ASLog',
  10: 'SWEvents',
  11: 'TisSubsystem',
  12: 'CommCont',
  13: 'NonPersistentConnections',
  14: 'ProgramCyclePI',
  15: 'SWObjectsAppCreated',
  16: 'FWpackage',
  30: 'StationConfiguration',
  31: 'StationCentralDevice',
  32: 'CentralDevice',
  33: 'CentralIOcontroller',
  34: 'CentralIOsystem',
  35: 'RoutingTables',
  48: 'CPU',
  49: 'CPUproxy',
  50: 'CPUcommon',
  51: 'CardReaderWriter',
  52: 'CPUexecUnit',
  53: 'WebServer',
  54: 'CPUDisplay',
  55: 'CPUFexecUnit',
  56: 'PLCProgramChange',
  64: 'IE1',
  65: 'IE1_Port1',
  66: 'IE1_Port2',
  72: 'IE2',
  77: 'IE1_NetworkParameters',
  78: 'IE2_NetworkParameters',
  80: 'IArea',
  81: 'QArea',
  82: 'MArea',
  83: 'S7Counters',
  84: 'S7Timers',
  85: 'RuntimeMeters',
  114: 'TextContainer',
  115: 'PkiContainer',
  201: 'ObjectRoot',
  211: 'GetNewRIDOnServer',
  229: 'ParentObject',
  255: 'Subscriptions',
  285: 'ServerSessionContainer',
  288: 'NullServerSession',
  537: 'OMSTypeInfoContainer',
};

const CLASS_NAMES: Readonly<Record<number, string>> = {
  255: 'Subscriptions',
  287: 'ServerSession',
  511: 'TypeInfo',
  534: 'OMSTypeInfoContainer',
  606: 'TextLibrary',
  1001: 'Subscription',
  1700: 'Transaction',
  2121: 'CardReaderWriter',
  2126: 'WebServer',
  2131: 'CentralDevice',
  2136: 'CentralIOcontroller',
  2137: 'CentralIOsystem',
  2166: 'CPU',
  2179: 'CPUexecUnit',
  2235: 'CP',
  2236: 'CPcommon',
  2285: 'IOinterface',
  2380: 'OnboardIO',
  2386: 'Port',
  2399: 'RackLean',
  2402: 'TO_HW',
  2436: 'CPUcommon',
  2478: 'ASRoot',
  2483: 'SWEvents',
  2496: 'HWConfiguration',
  2520: 'PLCProgram',
  2574: 'DB',
  2578: 'FB',
  2579: 'FC',
  2595: 'IArea',
  2602: 'MArea',
  2610: 'OB',
  2621: 'QArea',
  2637: 'ACCcommunicationOB',
  2638: 'ApplicationEventOB',
  2640: 'CyclicOB',
  2641: 'DiagnosticErrorOB',
  2642: 'IOaccessErrorOB',
  2644: 'PeripheralAccessErrorOB',
  2645: 'ProcessEventOB',
  2647: 'ProgramCycleOB',
  2648: 'ProgrammingErrorOB',
  2649: 'PullPlugEventOB',
  2650: 'RackStationFailureOB',
  2651: 'StartupOB',
  2655: 'TimeDelayOB',
  2656: 'TimeErrorOB',
  2657: 'TimeOfDayOB',
  2662: 'AlarmSubscriptionRef',
  2681: 'Alarm',
  2686: 'SDiagCont',
  2700: 'TisJob',
  2708: 'ContinuingTisJob',
  2709: 'SessionTisJob',
  2712: 'TisSubscriptionRef',
  3417: 'CPUproxy',
  3589: 'NetworkParameters',
  3932: 'UDT',
  3933: 'FBT',
  3934: 'SDT',
  3935: 'FCT',
  3942: 'CommCont',
  4077: 'CPproxy',
  4272: 'TA_DB',
  4273: 'ConstantsGlobal',
  4585: 'Subnet',
  4600: 'MC_DB',
  4621: 'RoutingTables',
  4622: 'RoutingTable',
  4672: 'TextContainer',
  4673: 'LanguageTexts',
  4698: 'TISDescription',
  4699: 'ForceDescription',
  4700: 'TraceDescription',
  4710: 'PkiStore',
  7854: 'MultipleSTAI',
  8030: 'Backup',
  8031: 'Restore',
  8040: 'PLCProgramChange',
};

const ATTRIBUTE_NAMES: Readonly<Record<number, string>> = {
  232: 'ObjectRID',
  233: 'ObjectName',
  289: 'ServerSessionClientID',
  296: 'ServerSessionUser',
  297: 'ServerSessionApplication',
  298: 'ServerSessionHost',
  299: 'ServerSessionRole',
  300: 'ServerSessionClientRID',
  301: 'ServerSessionClientComment',
  302: 'ServerSessionTimeout',
  303: 'ServerSessionChallenge',
  304: 'ServerSessionResponse',
  305: 'ServerSessionRoles',
  306: 'ServerSessionVersion',
  387: 'RootMemoryReset',
  388: 'RootReset',
  604: 'ObjectClassRID',
  1037: 'SystemLimits',
  1040: 'SubscriptionRouteMode',
  1041: 'SubscriptionActive',
  1048: 'SubscriptionReferenceList',
  1049: 'SubscriptionCycleTime',
  1050: 'SubscriptionDelayTime',
  1051: 'SubscriptionDisabled',
  1052: 'SubscriptionCount',
  1053: 'SubscriptionCreditLimit',
  1054: 'SubscriptionTicks',
  1830: 'SessionKey',
  1842: 'EffectiveProtectionLevel',
  1843: 'ActiveProtectionLevel',
  1844: 'ExpectedLegitimLevel',
  1845: 'CollaborationToken',
  1846: 'Legitimate',
  2118: 'CardReaderWriter.MCcommandREQ',
  2167: 'CPUexecUnit.OperatingStateREQ',
  2237: 'HWObject.DIS',
  2256: 'HWObject.HWTypeName',
  2259: 'HWObject.DTI_Type',
  2265: 'HWObject.PossibleKeywords',
  2270: 'HWObject.subDNN',
  2339: 'IOsystem.Dirty',
  2415: 'CPUcommon.LocalTime',
  2421: 'CPUcommon.SystemTime',
  2449: 'ASObjectES.IdentES',
  2453: 'ASObjectSimple.LastModified',
  2458: 'HWConfiguration.ESconsistent',
  2459: 'ASRoot.ESversion',
  2461: 'ASRoot.AOMVersion',
  2521: 'Block.BlockNumber',
  2523: 'Block.BlockLanguage',
  2524: 'Block.KnowhowProtected',
  2527: 'Block.Unlinked',
  2529: 'Block.RuntimeModified',
  2532: 'Block.CRC',
  2533: 'Block.BodyDescription',
  2548: 'DB.ValueInitial',
  2550: 'DB.ValueActual',
  2580: 'FunctionalObject.Code',
  2699: 'TisSubsystem.itsTisJob',
  3449: 'AS_KnowhowProtection.Password',
  3451: 'CPUcommon.CPUProtectionLevel',
  3452: 'AS_Protection.Password',
  3453: 'AS_Protection.FailsafePassword',
  3486: 'AS_DIS.OperatingState',
  3635: 'PLCProgram.ESconsistent',
  3687: 'HWObject.SubordinateIOState',
  3688: 'HWObject.SubordinateState',
  3735: 'ControllerArea.ValueInitial',
  3736: 'ControllerArea.ValueActual',
  3745: 'HWConfiguration.OfflineChange',
  3746: 'PLCProgram.OfflineChange',
  3748: 'CPUcommon.ASStateREQ',
  3753: 'SubmoduleAbstr.IuM0DataActual',
  4014: 'HWObject.GeoAddress',
  4196: 'CPUcommon.OnlineCapabilities',
  4271: 'PLCProgram.Culture',
  4289: 'CardReaderWriter.MMCWriteProtected',
  4292: 'CommCont.ESconsistent',
  4543: 'PLCProgram.DBnumberDynRange',
  4544: 'CPcommon.CPstateREQ',
  4551: 'HWConfiguration.Dirty',
  4570: 'CPUcommon.CPUSwitch',
  4633: 'HWObject.DisplayMode',
  4634: 'HWObject.DisplayedOwnState',
  4635: 'HWObject.DisplayedSubordinateState',
  4681: 'AS_Protection.Password2',
  4682: 'AS_Protection.Password3',
  4688: 'HWObject.CommandREQ',
  7735: 'FailsafeControl.OverallSignature',
  7838: 'RoutingTables.ESParamsIdent',
  7918: 'CPUcommon.CPUPassword',
  7919: 'CPUcommon.CPUPassword2',
  7920: 'CPUcommon.CPUPassword3',
  7921: 'CPUcommon.CPUPasswordFailsafe',
  7923: 'SMcommon.SMPassword',
  7924: 'SMcommon.SMPassword2',
  7925: 'SMcommon.SMPassword3',
  7926: 'SMcommon.SMPasswordFailsafe',
  7927: 'SMcommon.SMProtectionLevel',
};

export function className(id: number): string | undefined {
  return CLASS_NAMES[id];
}

export function attributeName(id: number): string | undefined {
  return ATTRIBUTE_NAMES[id];
}

const BLOCK_DB = 0x8a0e;
const BLOCK_FB = 0x8a20;
const BLOCK_UDT = 0x8a24;
const BLOCK_OB = 0x8a32;
/** Parts of the user program have ids from here on; the last two bytes are their number. */
const FIRST_SOFTWARE = 0x8a000000;
const LAST_SOFTWARE = 0x8affffff;
const FIRST_TYPE_INFO = 0x90000000;
const LAST_TYPE_INFO = 0x93ffffff;
/** Sessions, subscriptions and jobs are numbered from here on, at random, since firmware 3 of the S7-1200. */
const FIRST_DYNAMIC = 0x70000000;
const LAST_DYNAMIC = 0x7fffffff;

/** `DB`, `FB`, `OB` or `UDT`, or null for ids that are none of these. */
export function blockType(id: number): string | null {
  switch (id >>> 16) {
    case BLOCK_DB:
      return 'DB';
    case BLOCK_FB:
      return 'FB';
    case BLOCK_UDT:
      return 'UDT';
    case BLOCK_OB:
      return 'OB';
    default:
      return null;
  }
}

export function isDataBlock(id: number): boolean {
  return id >>> 16 === BLOCK_DB;
}

/** Inputs, outputs, memory bits, counters, timers. */
export function isMemoryArea(id: number): boolean {
  return id >= ID.InputArea && id <= ID.TimerArea;
}

export function isSoftware(id: number): boolean {
  return (id >= FIRST_SOFTWARE && id <= LAST_SOFTWARE) || (id >= FIRST_TYPE_INFO && id <= LAST_TYPE_INFO);
}

export function isDynamic(id: number): boolean {
  return id >= FIRST_DYNAMIC && id <= LAST_DYNAMIC;
}

export function objectName(id: number): string | undefined {
  return OBJECT_NAMES[id];
}

/** Classes whose objects are parts of the user program. */
export function isBlockClass(id: number): boolean {
  switch (id) {
    case ID.TypeInfoClass:
    case ID.TypeInfoContainerClass:
    case ID.DBClass:
    case ID.FBClass:
    case ID.FCClass:
    case ID.OBClass:
      return true;
    default:
      return (id >= ID.FirstEventOBClass && id <= ID.LastEventOBClass) || (id >= ID.UDTClass && id <= ID.FCTClass);
  }
}

/** Classes of jobs that watch, force or trace variables. */
export function isTestJobClass(id: number): boolean {
  return (
    id === ID.TisJobClass ||
    id === ID.ContinuingTisJobClass ||
    id === ID.SessionTisJobClass ||
    (id >= ID.TISDescriptionClass && id <= ID.TraceDescriptionClass)
  );
}

/** Attributes by which a program or a person proves who it is, and those that hold passwords and keys. */
export function isSecret(id: number): boolean {
  switch (id) {
    case ID.ServerSessionChallenge:
    case ID.ServerSessionResponse:
    case ID.SecurityKeyEncryptedKey:
    case ID.SessionKey:
    case ID.Legitimate:
    case ID.KnowhowProtectionPassword:
    case ID.ProtectionPassword:
    case ID.ProtectionFailsafePassword:
    case ID.ProtectionPassword2:
    case ID.ProtectionPassword3:
    case ID.LegitimationPassword:
      return true;
    default:
      return (
        (id >= ID.SecurityKeyClass && id < ID.Legitimate && id !== 1842 && id !== 1843 && id !== 1844) ||
        (id >= ID.CPUPassword && id <= ID.CPUPasswordFailsafe) ||
        (id >= ID.SMPassword && id < ID.SMProtectionLevel)
      );
  }
}

/** Attributes that decide who may change the controller. */
export function isProtection(id: number): boolean {
  return (
    id === ID.CPUProtectionLevel ||
    id === ID.KnowhowProtected ||
    id === ID.SMProtectionLevel ||
    (isSecret(id) && id >= ID.KnowhowProtectionPassword && id !== ID.LegitimationPassword)
  );
}

export function isSubscriptionAttribute(id: number): boolean {
  return id > ID.SubscriptionClass && id <= ID.SubscriptionFunctionClassId;
}

const BLOCK_LANGUAGES: Readonly<Record<number, string>> = {
  1: 'STL',
  2: 'LAD',
  3: 'FBD',
  4: 'SCL',
  5: 'DB',
  6: 'GRAPH',
  7: 'SDB',
};

export function blockLanguage(id: number): string | undefined {
  return BLOCK_LANGUAGES[id];
}
