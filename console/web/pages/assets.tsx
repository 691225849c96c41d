import type { Asset } from '../../../sensor/model/records.ts';
import { AssetGroups, GROUPINGS, groupName, UNKNOWN } from '../components/asset-groups.tsx';
import { icons } from '../components/icons.tsx';
import { ListFrame, NothingThere } from '../components/list-frame.tsx';
import { FilterChip, PageHead, SearchBox, Select, SortHeader } from '../components/parts.tsx';
import { NotKnown, Raw, Time } from '../components/text.tsx';
import { language, t } from '../i18n/index.ts';
import { API, query } from '../lib/api.ts';
import { searchFor, useFilters } from '../lib/filters.ts';
import { protocolName, roleName } from '../lib/format.ts';
import { useList } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useRows } from '../lib/rows.ts';

export function VendorModel({ asset }: { asset: Pick<Asset, 'vendor' | 'model'> }) {
  if (asset.vendor === undefined && asset.model === undefined) return <NotKnown />;
  return (
    <>
      {asset.vendor !== undefined && <Raw text={asset.vendor} />}
      {asset.model !== undefined && (
        <>
          {' '}
          <Raw text={asset.model} />
        </>
      )}
    </>
  );
}

const ADDRESSES_SHOWN = 4;

export function AddressLines({ addresses }: { addresses: readonly string[] }) {
  return (
    <ul class="address-lines">
      {addresses.slice(0, ADDRESSES_SHOWN).map((address) => (
        <li key={address}>
          <Raw text={address} mono />
        </li>
      ))}
      {addresses.length > ADDRESSES_SHOWN && <li class="faint">{t.andMore(addresses.length - ADDRESSES_SHOWN)}</li>}
    </ul>
  );
}

export function ApprovedBadge({ approved }: { approved: boolean }) {
  return approved ? (
    <span class="badge badge-good">{t.assets.approved}</span>
  ) : (
    <span class="badge badge-medium">{t.assets.notApproved}</span>
  );
}

function Protocols({ asset }: { asset: Asset }) {
  return (
    <span class="chips">
      {asset.protocols.map((protocol) => (
        <span class="chip" key={`${protocol.name} ${protocol.as}`}>
          {protocolName(protocol.name)}{' '}
          <span class="faint">{protocol.as === 'client' ? t.assets.client : t.assets.server}</span>
        </span>
      ))}
    </span>
  );
}

export function AssetsPage() {
  const filters = useFilters();
  const role = filters.get('role');
  const vendor = filters.get('vendor');
  const sort = filters.get('sort');
  const q = filters.get('q');
  const approved = filters.get('approved');
  const zone = filters.get('zone');
  const level = filters.get('level');
  const by = GROUPINGS.find((one) => one === filters.get('by'));
  const setSort = (value: string) => filters.set('sort', value);
  const list = useList<Asset>(`/assets${query({ role, zone, level, vendor, approved, sort, ...searchFor(q) })}`, [
    'assets',
  ]);
  const items = list.items ?? [];
  const rows = useRows(
    items.map((asset) => asset.id),
    () => ({}),
  );
  // The vendors to choose from are those on the page: a list of every vendor ever seen would be long and mostly useless.
  const vendors = [...new Set([vendor, ...items.map((asset) => asset.vendor ?? '')])]
    .filter((one) => one !== '')
    .sort();
  return (
    <>
      <PageHead title={t.assets.title} documentTitle={t.assets.title}>
        <span class="page-count">{!by && list.items && t.assets.count(items.length, list.hasMore)}</span>
        <div class="page-actions">
          {(['csv', 'json', 'cyclonedx'] as const).map((format) => (
            <a key={format} class="button" href={`${API}/assets/export${query({ format, language })}`} download>
              {icons.download()}
              {t.assetEdit[format]}
            </a>
          ))}
          <a class="button" href={to.compare}>
            {t.assetEdit.compare}
          </a>
          <a class="button" href={to.siteList}>
            {t.decisions.siteList}
          </a>
        </div>
      </PageHead>
      <div class="toolbar">
        <Select
          label={t.map.groupBy}
          value={by ?? ''}
          options={[['', t.assetGroups.none], ...GROUPINGS.map((one) => [one, t.assetGroups.by[one]] as const)]}
          onChange={(value) => filters.set('by', value)}
        />
        {zone !== '' && (
          <FilterChip
            text={`${t.assetGroups.by.zone}: ${groupName('zone', zone)}`}
            remove={() => filters.set('zone', '')}
          />
        )}
        {level !== '' && <FilterChip text={groupName('level', level)} remove={() => filters.set('level', '')} />}
        <Select
          label={t.assets.role}
          value={role}
          options={[['', t.any], ...Object.entries(t.assetRole), [UNKNOWN, t.assetGroups.unknown.role]]}
          onChange={(value) => filters.set('role', value)}
        />
        <Select
          label={t.assets.vendor}
          value={vendor}
          options={[['', t.any], ...vendors.map((one) => [one, groupName('vendor', one)] as const)]}
          onChange={(value) => filters.set('vendor', value)}
        />
        <Select
          label={t.assets.colApproved}
          value={approved}
          options={[
            ['', t.any],
            ['true', t.assets.approved],
            ['false', t.assets.notApproved],
          ]}
          onChange={(value) => filters.set('approved', value)}
        />
        <Select
          narrowOnly
          label={t.assets.sort}
          value={sort}
          options={[
            ['', t.assets.sortLastSeen],
            ['-first_seen', t.assets.sortFirstSeen],
            ['name', t.assets.sortName],
            ['ip', t.assets.colAddress],
            ['vendor', t.assets.vendor],
          ]}
          onChange={setSort}
        />
        <SearchBox placeholder={t.assets.searchPlaceholder} value={q} onSearch={(text) => filters.set('q', text)} />
      </div>
      {by && <AssetGroups by={by} />}
      {!by && (
        <ListFrame
          list={list}
          newHint={t.assets.newHint}
          nothing={
            <NothingThere
              words={t.assets}
              filtered={[role, zone, level, vendor, approved, q].some((one) => one !== '')}
              clear={filters.clear}
            />
          }
        >
          <div class="table-box">
            <table class="table table-assets">
              <thead>
                <tr>
                  <SortHeader text={t.assets.colName} sort={sort} up="name" down="-name" onSort={setSort} />
                  <SortHeader text={t.assets.colAddress} sort={sort} up="ip" down="-ip" onSort={setSort} />
                  <th scope="col">{t.assets.colRole}</th>
                  <SortHeader text={t.assets.colVendorModel} sort={sort} up="vendor" down="-vendor" onSort={setSort} />
                  <th scope="col">{t.assets.colFirmware}</th>
                  <th scope="col">{t.assets.colProtocols}</th>
                  <SortHeader text={t.assets.colLast} sort={sort} up="last_seen" down="" onSort={setSort} />
                  <th scope="col">{t.assets.colApproved}</th>
                </tr>
              </thead>
              <tbody>
                {items.map((asset) => (
                  <tr key={asset.id} class={`row ${rows.current === asset.id ? 'row-current' : ''}`}>
                    <td class="cell-main">
                      <a class="row-link" href={to.asset(asset.id)} {...rows.linkProps(asset.id)}>
                        <Raw text={asset.name} />
                      </a>
                      {asset.units.length > 0 && <span class="cell-sub">{t.assets.units(asset.units.length)}</span>}
                    </td>
                    <td class="cell-address" data-label={t.assets.colAddress}>
                      <AddressLines addresses={asset.ips.length > 0 ? asset.ips : asset.macs} />
                    </td>
                    <td data-label={t.assets.colRole}>
                      {asset.roles.length === 0 ? <NotKnown /> : <Raw text={asset.roles.map(roleName).join(', ')} />}
                      {asset.zone !== null && (
                        <span class="cell-sub">
                          <Raw text={asset.zone} />
                        </span>
                      )}
                    </td>
                    <td class="cell-vendor" data-label={t.assets.colVendorModel}>
                      <VendorModel asset={asset} />
                    </td>
                    <td data-label={t.assets.colFirmware}>
                      {asset.firmware === undefined ? <NotKnown /> : <Raw text={asset.firmware} mono />}
                    </td>
                    <td class="cell-protocols" data-label={t.assets.colProtocols}>
                      <Protocols asset={asset} />
                    </td>
                    <td class="cell-time" data-label={t.assets.colLast}>
                      <Time iso={asset.last_seen} />
                    </td>
                    <td data-label={t.assets.colApproved}>
                      <ApprovedBadge approved={asset.approved} />
                    </td>
                  </tr>
                ))}
              </tbody>
            </table>
          </div>
        </ListFrame>
      )}
    </>
  );
}
