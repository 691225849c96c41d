import { useState } from 'preact/hooks';
import { DataTable, Fetched, NoRows } from '../components/list-frame.tsx';
import { ErrorState, Loading, LoadMore, PageHead, ScrollX, SearchBox, Select, StaleBar } from '../components/parts.tsx';
import { LevelLabel, RuleTabs, StateBadge, SwitchDialog } from '../components/rule-parts.tsx';
import { Raw, Said, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { t } from '../i18n/index.ts';
import { API, del, query } from '../lib/api.ts';
import { searchFor, useFilters } from '../lib/filters.ts';
import { SEVERITIES } from '../lib/lists.ts';
import { useList, useResource } from '../lib/resource.ts';
import { to } from '../lib/router.ts';
import { useMayConfigure, useMayDecide } from '../lib/session.ts';
import { encodeId, own, visible } from '../lib/text.ts';
import type { CoverageAnswer, Mute, OwnRule, RuleRow } from '../lib/types.ts';

function Row({ rule, onSwitch }: { rule: RuleRow; onSwitch: () => void }) {
  const mayConfigure = useMayConfigure();
  return (
    <tr class="row">
      <td class="cell-main">
        <a class="quiet-link" href={to.rule(rule.id)}>
          <strong>
            <Said text={rule.title} />
          </strong>
        </a>
        <span class="cell-sub">
          <span>{t.rules.kinds[rule.kind] ?? rule.kind}</span>
          <span>{t.rules.sources[rule.source] ?? rule.source}</span>
          {rule.techniques.length > 0 && <Raw text={rule.techniques.join(', ')} mono />}
        </span>
      </td>
      <td>
        <LevelLabel level={rule.level} />
      </td>
      <td class="numeric">
        {rule.alerts > 0 ? (
          <a href={to.alerts(query({ status: 'all', rule: rule.id }))}>{t.rules.fired(rule.alerts)}</a>
        ) : (
          <span class="faint">{t.rules.never}</span>
        )}
      </td>
      <td class="cell-time">{rule.last_seen === null ? '–' : <Time iso={rule.last_seen} />}</td>
      <td>
        <StateBadge rule={rule} />
      </td>
      <td>
        {rule.source !== 'detector' && !rule.console && mayConfigure && (
          <button type="button" class="button" onClick={onSwitch}>
            {rule.enabled ? t.rules.switchOff : t.rules.switchOn}
          </button>
        )}
      </td>
    </tr>
  );
}

interface ListFigures {
  total: number;
  problems: { file: string; line: number; column: number; reason: string }[];
}

export function RulesPage() {
  const filters = useFilters();
  const wanted = {
    q: filters.get('q'),
    source: filters.get('source'),
    state: filters.get('state'),
    level: filters.get('level'),
    technique: filters.get('technique'),
    sort: filters.get('sort'),
  };
  const path = `/rules${query({ ...wanted, ...searchFor(wanted.q) })}`;
  const list = useList<RuleRow>(path, ['alerts']);
  const figures = useResource<ListFigures>(`${path}${path.includes('?') ? '&' : '?'}limit=1`, ['alerts']).data;
  const mayDecide = useMayDecide();
  const [switching, setSwitching] = useState<RuleRow>();
  const select = (name: keyof typeof wanted, label: string, options: Readonly<Record<string, string>>) => (
    <Select
      label={label}
      value={wanted[name]}
      options={[['', t.any], ...Object.entries(options)]}
      onChange={(value) => filters.set(name, value)}
    />
  );
  return (
    <>
      <PageHead title={t.rules.title} documentTitle={t.rules.title}>
        <span class="page-count">{figures && t.rules.count(figures.total)}</span>
        <div class="page-actions">
          <a class="button" href={`${API}/own-rules/export`} download>
            {t.ruleWork.exportAll}
          </a>
          {mayDecide && (
            <a class="button button-accent" href={to.newRule()}>
              {t.ruleWork.newRule}
            </a>
          )}
        </div>
      </PageHead>
      <RuleTabs />
      <p class="page-intro">{t.rules.intro}</p>
      {figures && figures.problems.length > 0 && (
        <section class="problem-box">
          <p class="tone-critical">{t.ruleWork.brokenFiles(figures.problems.length)}</p>
          <ul class="points">
            {figures.problems.map(({ file, line, column, reason }) => (
              <li key={`${file}:${line}:${column}`}>
                <Raw text={`${file}:${line}:${column}`} mono /> <Raw text={reason} />
              </li>
            ))}
          </ul>
        </section>
      )}
      <div class="toolbar">
        {select('source', t.rules.source, t.rules.sources)}
        {select('state', t.rules.state, t.rules.states)}
        {select('level', t.ruleWork.level, Object.fromEntries(SEVERITIES.map((level) => [level, t.severity[level]])))}
        <Select
          label={t.ruleWork.sort}
          value={wanted.sort === '' ? 'fired' : wanted.sort}
          options={Object.entries(t.ruleWork.sorts)}
          onChange={(value) => filters.set('sort', value === 'fired' ? '' : value)}
        />
        <SearchBox
          placeholder={t.rules.searchPlaceholder}
          value={wanted.q}
          onSearch={(value) => filters.set('q', value)}
        />
      </div>
      {list.error &&
        (list.items ? (
          <StaleBar error={list.error} retry={list.reload} />
        ) : (
          <ErrorState error={list.error} retry={list.reload} />
        ))}
      {!list.items && !list.error && <Loading rows={10} />}
      {list.items?.length === 0 && (
        <div class="state">
          <p>{t.rules.none}</p>
        </div>
      )}
      {list.items && list.items.length > 0 && (
        <DataTable
          label={t.rules.title}
          columns={[
            t.rules.colRule,
            t.rules.colLevel,
            { text: t.rules.colFired, numeric: true },
            t.rules.colLast,
            t.rules.colState,
            { text: t.admin.actions, unseen: true },
          ]}
        >
          {list.items.map((rule) => (
            <Row key={rule.id} rule={rule} onSwitch={() => setSwitching(rule)} />
          ))}
        </DataTable>
      )}
      {list.hasMore && <LoadMore loading={list.loading} loadMore={list.loadMore} />}
      {switching && (
        <SwitchDialog
          rule={switching}
          onDone={() => {
            list.replace({ ...switching, enabled: !switching.enabled });
            setSwitching(undefined);
          }}
          onClose={() => setSwitching(undefined)}
        />
      )}
    </>
  );
}

export function ExceptionsPage() {
  const fetched = useResource<{ items: OwnRule[] }>('/own-rules?kind=exception');
  return (
    <>
      <PageHead title={t.ruleWork.exceptions} documentTitle={t.ruleWork.exceptions} />
      <RuleTabs />
      <p class="page-intro">{t.ruleWork.exceptionsIntro}</p>
      <Fetched from={fetched}>
        {({ items }) =>
          items.length === 0 ? (
            <NoRows text={t.ruleWork.exceptionsNone} />
          ) : (
            <DataTable
              label={t.ruleWork.exceptions}
              columns={[
                t.ruleWork.colException,
                t.rules.reason,
                t.ruleWork.colOwner,
                t.ruleWork.colUntil,
                t.ruleWork.colState,
                t.ruleWork.colChanged,
              ]}
            >
              {items.map((exception) => (
                <tr key={exception.rule}>
                  <th scope="row">
                    <a href={to.rule(exception.rule)}>
                      <Said text={exception.title} />
                    </a>
                  </th>
                  <td class="cell-wrap">
                    <Raw text={exception.reason} />
                  </td>
                  <td>
                    <Raw text={exception.user} />
                  </td>
                  <td class="cell-time">
                    {exception.expires === '' ? t.ruleWork.noEnd : <Time iso={exception.expires} />}
                  </td>
                  <td>
                    {exception.active === null ? (
                      <span class="badge">{t.ruleWork.proposed}</span>
                    ) : exception.expired ? (
                      <span class="badge badge-medium">{t.ruleWork.expired}</span>
                    ) : (
                      <span class="badge badge-good">{t.ruleWork.active}</span>
                    )}
                  </td>
                  <td class="cell-time">
                    <Time iso={exception.at} />
                  </td>
                </tr>
              ))}
            </DataTable>
          )
        }
      </Fetched>
    </>
  );
}

export function CoveragePage() {
  const fetched = useResource<CoverageAnswer>('/coverage', ['alerts']);
  const { data } = fetched;
  const filters = useFilters();
  const shown = filters.get('show');
  const isShown = ({ rules, alerts, visible: shows }: CoverageAnswer['techniques'][number]) =>
    shown === '' ||
    (shown === 'covered' && rules > 0) ||
    (shown === 'gaps' && rules === 0 && shows !== 'no') ||
    (shown === 'seen' && alerts > 0);
  const visibleOnes = data?.techniques.filter((technique) => technique.visible !== 'no') ?? [];
  return (
    <>
      <PageHead title={t.rules.coverage} documentTitle={t.rules.coverage} />
      <RuleTabs />
      <p class="page-intro">{t.rules.coverageIntro}</p>
      <Fetched from={fetched} rows={10}>
        {(data) => (
          <>
            <p>
              <strong>
                {t.rules.coverageSummary(
                  visibleOnes.filter((technique) => technique.rules > 0).length,
                  visibleOnes.length,
                )}
              </strong>
            </p>
            <div class="toolbar">
              <Select
                label={t.ruleWork.coverageFilter}
                value={shown === '' ? 'all' : shown}
                options={Object.entries(t.ruleWork.coverageShow)}
                onChange={(value) => filters.set('show', value === 'all' ? '' : value)}
              />
            </div>
            <ul class="legend">
              {(
                [
                  ['tech-covered', t.rules.covered],
                  ['tech-gap', t.rules.notCovered],
                  ['tech-partly', t.rules.partly],
                  ['tech-hidden', t.rules.invisible],
                  ['tech-seen', t.rules.seenHere],
                ] as const
              ).map(([swatch, words]) => (
                <li key={swatch}>
                  <span class={`swatch ${swatch}`} aria-hidden="true" />
                  {words}
                </li>
              ))}
            </ul>
            <ScrollX label={t.rules.coverage} class="coverage">
              {data.tactics.map((tactic) => (
                <section class="tactic" key={tactic}>
                  <h2>{tactic}</h2>
                  <ul>
                    {data.techniques
                      .filter((technique) => technique.tactics.includes(tactic) && isShown(technique))
                      .map((technique) => {
                        const state =
                          technique.rules > 0
                            ? 'tech-covered'
                            : technique.visible === 'yes'
                              ? 'tech-gap'
                              : technique.visible === 'partly'
                                ? 'tech-partly'
                                : 'tech-hidden';
                        const words =
                          technique.rules > 0
                            ? t.rules.covered
                            : technique.visible === 'yes'
                              ? t.rules.notCovered
                              : technique.visible === 'partly'
                                ? t.rules.partly
                                : t.rules.invisible;
                        return (
                          <li
                            key={technique.id}
                            class={`tech ${state} ${technique.alerts > 0 ? 'tech-seen' : ''}`}
                            title={own(t.technique, technique.id) ?? words}
                          >
                            <span class="mono tech-id">{technique.id}</span>
                            <span lang="en">{visible(technique.name)}</span>
                            <span class="visually-hidden">: {words}</span>
                            {(technique.rules > 0 || technique.alerts > 0) && (
                              <span class="cell-sub">
                                {technique.rules > 0 && (
                                  <a href={`${to.rules}${query({ technique: technique.id })}`}>
                                    {t.rules.ruleCount(technique.rules)}
                                  </a>
                                )}
                                {technique.alerts > 0 && (
                                  <a href={to.alerts(query({ status: 'all', q: technique.id }))}>
                                    {t.rules.alertCount(technique.alerts)}
                                  </a>
                                )}
                              </span>
                            )}
                          </li>
                        );
                      })}
                  </ul>
                </section>
              ))}
            </ScrollX>
          </>
        )}
      </Fetched>
    </>
  );
}

export function MutesPage() {
  const fetched = useResource<{ items: Mute[] }>('/mutes');
  const { reload } = fetched;
  const mayDecide = useMayDecide();
  return (
    <>
      <PageHead title={t.rules.mutes} documentTitle={t.rules.mutes} />
      <RuleTabs />
      <p class="page-intro">{t.rules.mutesIntro}</p>
      <Fetched from={fetched}>
        {({ items }) =>
          items.length === 0 ? (
            <NoRows text={t.rules.mutesNone} />
          ) : (
            <DataTable
              label={t.rules.mutes}
              columns={[
                t.rules.mutesScope,
                t.rules.reason,
                t.rules.mutesOwner,
                t.rules.mutesUntil,
                { text: t.admin.actions, unseen: true },
              ]}
            >
              {items.map((mute) => (
                <tr key={mute.id}>
                  <th scope="row">
                    <Raw text={mute.rule === '' ? t.rules.anyRule : mute.rule} />
                    <span class="cell-sub">
                      {mute.src !== '' && <Raw text={t.triage.muteFrom(mute.src)} />}
                      {mute.dest !== '' && <Raw text={t.triage.muteTo(mute.dest)} />}
                    </span>
                  </th>
                  <td class="cell-wrap">
                    <Raw text={mute.reason} />
                  </td>
                  <td>
                    <Raw text={mute.owner} />
                  </td>
                  <td class="cell-time">
                    <Time iso={mute.expires} />
                  </td>
                  <td>
                    {mayDecide && (
                      <button
                        type="button"
                        class="button"
                        onClick={() => {
                          del(`/mutes/${encodeId(mute.id)}`)
                            .then(() => toast(t.triage.unmuted))
                            .catch(() => toast(t.triage.failed, { bad: true }))
                            .finally(reload);
                        }}
                      >
                        {t.rules.mutesEnd}
                      </button>
                    )}
                  </td>
                </tr>
              ))}
            </DataTable>
          )
        }
      </Fetched>
    </>
  );
}
