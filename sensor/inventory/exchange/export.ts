import { createHash } from 'node:crypto';
import type { Asset, Identity, Unit } from '../../model/records.js';
import { type CsvStyle, csvLine, PLAIN_CSV } from './csv.js';

const CSV_COLUMNS = [
  'id',
  'name',
  'ip',
  'mac',
  'vendor',
  'model',
  'order_number',
  'firmware',
  'hardware_revision',
  'serial',
  'hostname',
  'os',
  'roles',
  'purdue_level',
  'zone',
  'criticality',
  'approved',
  'unit',
  'protocols',
  'first_seen',
  'last_seen',
] as const;

const IDENTITY = ['vendor', 'model', 'order_number', 'firmware', 'hardware_revision', 'serial'] as const;

/** A single unit is the device itself, unless it says that it is something else. */
function unitsBehind(asset: Asset): readonly Unit[] {
  const [only, ...more] = asset.units;
  if (only === undefined || more.length > 0) return asset.units;
  return IDENTITY.some((field) => only[field] !== undefined && only[field] !== asset[field]) ? asset.units : [];
}

export function csvHead(style: CsvStyle = PLAIN_CSV): string {
  return style.start + csvLine(CSV_COLUMNS, style);
}

/** One line for the device, and one for each device behind its address. Several addresses stand in one cell. */
export function csvRows(asset: Asset, style: CsvStyle = PLAIN_CSV): string {
  const protocols = asset.protocols.map(
    ({ name, as, ports }) => `${name} ${as}${ports.length > 0 ? ` ${ports.join(' ')}` : ''}`,
  );
  const line = (part: Asset | Unit, unit: string): string =>
    csvLine(
      [
        asset.id,
        asset.name,
        asset.ips.join(' '),
        asset.macs.join(' '),
        part.vendor ?? '',
        part.model ?? '',
        part.order_number ?? '',
        part.firmware ?? '',
        part.hardware_revision ?? '',
        part.serial ?? '',
        part.hostname ?? '',
        part.os ?? '',
        asset.roles.join(' '),
        asset.purdue_level === null ? '' : String(asset.purdue_level),
        asset.zone ?? '',
        asset.criticality,
        asset.approved ? 'yes' : 'no',
        unit,
        protocols.join('; '),
        part.first_seen,
        part.last_seen,
      ],
      style,
    );
  const units = unitsBehind(asset).map((unit) => line(unit, unit.unit));
  return [line(asset, ''), ...units].join('');
}

interface Property {
  readonly name: string;
  readonly value: string;
}

/**
 * CycloneDX 1.6 (ECMA-424): each device with its firmware inside, and the devices behind its address beside it. The
 * serial number of the document follows from its content, so equal inventories give equal documents.
 *
 * @param site name of the plant; empty where there is none
 * @param at ISO 8601: the latest time that the inventory knows
 */
export function cycloneDx(assets: readonly Asset[], site: string, at: string, version: string): object {
  const components = assets.map(deviceComponent);
  const digest = createHash('sha256')
    .update(JSON.stringify([components, site, at]))
    .digest('hex');
  // RFC 9562 version 8: a UUID made of our own bits.
  const uuid = `${digest.slice(0, 8)}-${digest.slice(8, 12)}-8${digest.slice(13, 16)}-8${digest.slice(17, 20)}-${digest.slice(20, 32)}`;
  return {
    bomFormat: 'CycloneDX',
    specVersion: '1.6',
    serialNumber: `urn:uuid:${uuid}`,
    version: 1,
    metadata: {
      timestamp: at,
      tools: { components: [{ type: 'application', name: 'Fieldwatch', version }] },
      lifecycles: [{ phase: 'operations' }],
      ...(site === '' ? {} : { component: { type: 'platform', 'bom-ref': 'site', name: site } }),
    },
    components,
    dependencies: assets
      .filter((asset) => unitsBehind(asset).length > 0)
      .map((asset) => ({ ref: asset.id, dependsOn: unitsBehind(asset).map((unit) => unitReference(asset, unit)) })),
  };
}

function deviceComponent(asset: Asset): object {
  const properties: Property[] = [
    ...asset.ips.map((value) => ({ name: 'fieldwatch:ip', value })),
    ...asset.macs.map((value) => ({ name: 'fieldwatch:mac', value })),
    ...asset.roles.map((value) => ({ name: 'fieldwatch:role', value })),
    ...(asset.zone === null ? [] : [{ name: 'fieldwatch:zone', value: asset.zone }]),
    ...(asset.purdue_level === null ? [] : [{ name: 'fieldwatch:purdue_level', value: String(asset.purdue_level) }]),
    { name: 'fieldwatch:criticality', value: asset.criticality },
    { name: 'fieldwatch:approved', value: String(asset.approved) },
    { name: 'fieldwatch:first_seen', value: asset.first_seen },
    { name: 'fieldwatch:last_seen', value: asset.last_seen },
    ...asset.protocols.map(({ name, as }) => ({ name: `fieldwatch:protocol:${as}`, value: name })),
  ];
  const units = unitsBehind(asset).map((unit) => unitComponent(asset, unit));
  return {
    ...component(asset.id, asset.model ?? asset.name, asset),
    description: asset.name,
    properties: [...properties, ...identityProperties(asset)],
    ...parts([...firmwareOf(asset.id, asset), ...units]),
  };
}

/** Names a unit in the document; protocols may call two of them the same. */
function unitReference({ id, units }: Asset, unit: Unit): string {
  const isOnly = units.filter((other) => other.unit === unit.unit).length === 1;
  return `${id} ${unit.unit}${isOnly ? '' : ` #${units.indexOf(unit)}`}`;
}

function unitComponent(asset: Asset, unit: Unit): object {
  const reference = unitReference(asset, unit);
  return {
    ...component(reference, unit.model ?? unit.unit, unit),
    description: `${asset.name}, ${unit.unit}`,
    properties: [{ name: 'fieldwatch:unit', value: unit.unit }, ...identityProperties(unit)],
    ...parts(firmwareOf(reference, unit)),
  };
}

function component(reference: string, name: string, identity: Identity): object {
  return {
    type: 'device',
    'bom-ref': reference,
    name,
    ...(identity.vendor === undefined ? {} : { manufacturer: { name: identity.vendor } }),
    ...(identity.hardware_revision === undefined ? {} : { version: identity.hardware_revision }),
  };
}

function identityProperties(identity: Identity): Property[] {
  return (['serial', 'order_number', 'hostname', 'os'] as const).flatMap((field) => {
    const value = identity[field];
    return value === undefined ? [] : [{ name: `fieldwatch:${field}`, value }];
  });
}

function firmwareOf(reference: string, identity: Identity): object[] {
  if (identity.firmware === undefined) return [];
  return [
    {
      type: 'firmware',
      'bom-ref': `${reference} firmware`,
      name: `${identity.model ?? 'device'} firmware`,
      version: identity.firmware,
      ...(identity.vendor === undefined ? {} : { manufacturer: { name: identity.vendor } }),
    },
  ];
}

function parts(components: readonly object[]): object {
  return components.length === 0 ? {} : { components };
}
