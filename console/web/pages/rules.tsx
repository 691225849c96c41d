import { Fragment } from 'preact';
import { useState } from 'preact/hooks';
import type { Severity } from '../../../sensor/model/severity.ts';
import { FormDialog, FormField, text } from '../components/form-dialog.tsx';
import { icons } from '../components/icons.tsx';
import { Tabs } from '../components/network-tabs.tsx';
import {
  ErrorState,
  Facts,
  Loading,
  PageHead,
  ScrollX,
  SearchBox,
  Select,
  SeverityLabel,
} from '../components/parts.tsx';
import { Raw, Said, Time } from '../components/text.tsx';
import { toast } from '../components/toasts.tsx';
import { said, t } from '../i18n/index.ts';
import { del, post, query } from '../lib/api.ts';
import { useFilters } from '../lib/filters.ts';
import { SEVERITIES } from '../lib/lists.ts';
import { useResource } from '../lib/resource.ts';
import { to, useLocation } from '../lib/router.ts';
import { useMayConfigure, useMayDecide } from '../lib/session.ts';
import { encodeId, own, visible } from '../lib/text.ts';
import type { CoverageAnswer, Mute, RuleRow } from '../lib/types.ts';

function RuleTabs() {
  const { path } = useLocation();
  return (
    <Tabs
      label={t.rules.tabs}
      path={path}
      tabs={[
        [to.rules, t.rules.list],
        [to.coverage, t.rules.coverage],
        [to.mutes, t.rules.mutes],
      ]}
    />
  );
}

function isSeverity(level: string): level is Severity {
  return (SEVERITIES as readonly string[]).includes(level);
}

function matches(rule: RuleRow, q: string): boolean {
  const wanted = q.toLowerCase();
  const texts = [said(rule.title), said(rule.description), rule.title, rule.id, ...rule.techniques];
  return texts.some((one) => one.toLowerCase().includes(wanted));
}

function List({ title, items }: { title: string; items: readonly string[] }) {
  if (items.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <ul class="points">
        {items.map((item) => (
          <li key={item}>
            <Said text={item} />
          </li>
        ))}
      </ul>
    </>
  );
}

function Row({ rule, onSwitch }: { rule: RuleRow; onSwitch: () => void }) {
  const [open, setOpen] = useState(false);
  const mayConfigure = useMayConfigure();
  const id = `rule-${rule.id}`;
  return (
    <Fragment>
      <tr class="row">
        <td class="cell-expand">
          <button
            type="button"
            class="button button-quiet button-icon"
            aria-expanded={open}
            aria-controls={id}
            aria-label={`${t.rules.details}: ${visible(said(rule.title))}`}
            onClick={() => setOpen(!open)}
          >
            {open ? icons.down() : icons.forward()}
          </button>
        </td>
        <td class="cell-main">
          <strong>
            <Said text={rule.title} />
          </strong>
          <span class="cell-sub">
            <span>{t.rules.kinds[rule.kind] ?? rule.kind}</span>
            <span>{t.rules.sources[rule.source] ?? rule.source}</span>
            {rule.techniques.length > 0 && <Raw text={rule.techniques.join(', ')} mono />}
          </span>
        </td>
        <td>{isSeverity(rule.level) ? <SeverityLabel severity={rule.level} /> : <Raw text={rule.level} />}</td>
        <td class="numeric">
          {rule.alerts > 0 ? (
            <a href={to.alerts(query({ status: 'all', rule: rule.id }))}>{t.rules.fired(rule.alerts)}</a>
          ) : (
            <span class="faint">{t.rules.never}</span>
          )}
        </td>
        <td class="cell-time">{rule.last_seen === null ? '–' : <Time iso={rule.last_seen} />}</td>
        <td>
          <span class={rule.enabled ? 'badge badge-good' : 'badge badge-medium'}>
            {rule.enabled ? t.rules.on : t.rules.off}
          </span>
        </td>
        <td>
          {rule.source !== 'detector' && mayConfigure && (
            <button type="button" class="button" onClick={onSwitch}>
              {rule.enabled ? t.rules.switchOff : t.rules.switchOn}
            </button>
          )}
        </td>
      </tr>
      {open && (
        <tr class="row-details" id={id}>
          <td colSpan={7}>
            <div class="rule-details">
              {rule.description !== '' && (
                <p>
                  <Said text={rule.description} />
                </p>
              )}
              {rule.setting && (
                <p class="tone-medium">
                  {rule.setting.enabled ? t.rules.on : t.rules.off} <Raw text={t.rules.switchedBy(rule.setting.user)} />
                  , <Time iso={rule.setting.at} />: <Raw text={rule.setting.reason} />
                </p>
              )}
              <List title={t.rules.recommendation} items={rule.recommendation === '' ? [] : [rule.recommendation]} />
              <List title={t.rules.falsePositives} items={rule.false_positives} />
              <List title={t.rules.references} items={rule.references} />
              <Facts
                wide
                facts={[
                  { name: t.alert.id, value: <Raw text={rule.id} mono /> },
                  { name: t.rules.version, value: <Raw text={rule.version} mono /> },
                  rule.file !== '' && { name: t.rules.file, value: <Raw text={rule.file} mono /> },
                ]}
              />
            </div>
          </td>
        </tr>
      )}
    </Fragment>
  );
}

export function RulesPage() {
  const filters = useFilters();
  const q = filters.get('q');
  const source = filters.get('source');
  const state = filters.get('state');
  const { data, error, reload } = useResource<{ items: RuleRow[] }>('/rules', ['alerts']);
  const [switching, setSwitching] = useState<RuleRow>();
  const rank = (rule: RuleRow) => (isSeverity(rule.level) ? SEVERITIES.indexOf(rule.level) : SEVERITIES.length);
  const shown = (data?.items ?? [])
    .filter(
      (rule) =>
        (q === '' || matches(rule, q)) &&
        (source === '' || rule.source === source) &&
        (state === '' || (state === 'fired' ? rule.alerts > 0 : rule.enabled === (state === 'on'))),
    )
    .sort((a, b) => Number(b.alerts > 0) - Number(a.alerts > 0) || rank(a) - rank(b) || a.title.localeCompare(b.title));
  return (
    <>
      <PageHead title={t.rules.title} documentTitle={t.rules.title}>
        <span class="page-count">{data && t.rules.count(shown.length)}</span>
      </PageHead>
      <RuleTabs />
      <p class="page-intro">{t.rules.intro}</p>
      <div class="toolbar">
        <Select
          label={t.rules.source}
          value={source}
          options={[['', t.any], ...Object.entries(t.rules.sources)]}
          onChange={(value) => filters.set('source', value)}
        />
        <Select
          label={t.rules.state}
          value={state}
          options={[['', t.any], ...Object.entries(t.rules.states)]}
          onChange={(value) => filters.set('state', value)}
        />
        <SearchBox placeholder={t.rules.searchPlaceholder} value={q} onSearch={(value) => filters.set('q', value)} />
      </div>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading rows={10} />)}
      {data && shown.length === 0 && (
        <div class="state">
          <p>{t.rules.none}</p>
        </div>
      )}
      {shown.length > 0 && (
        <ScrollX label={t.rules.title} class="table-box">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">
                  <span class="visually-hidden">{t.rules.details}</span>
                </th>
                <th scope="col">{t.rules.colRule}</th>
                <th scope="col">{t.rules.colLevel}</th>
                <th scope="col" class="numeric">
                  {t.rules.colFired}
                </th>
                <th scope="col">{t.rules.colLast}</th>
                <th scope="col">{t.rules.colState}</th>
                <th scope="col">
                  <span class="visually-hidden">{t.admin.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {shown.map((rule) => (
                <Row key={rule.id} rule={rule} onSwitch={() => setSwitching(rule)} />
              ))}
            </tbody>
          </table>
        </ScrollX>
      )}
      {switching && (
        <FormDialog
          title={t.rules.switchTitle(visible(said(switching.title)), !switching.enabled)}
          text={t.rules.switchText}
          submit={switching.enabled ? t.rules.switchOff : t.rules.switchOn}
          onClose={() => setSwitching(undefined)}
          send={async (form) => {
            await post(`/rules/${encodeId(switching.id)}/enabled`, {
              enabled: !switching.enabled,
              reason: text(form, 'reason'),
            });
            toast(t.rules.switched);
            setSwitching(undefined);
            reload();
          }}
        >
          <FormField label={t.rules.reason} id="reason">
            <textarea id="reason" name="reason" rows={2} minLength={3} maxLength={500} required />
          </FormField>
        </FormDialog>
      )}
    </>
  );
}

export function CoveragePage() {
  const { data, error, reload } = useResource<CoverageAnswer>('/coverage', ['alerts']);
  const visibleOnes = data?.techniques.filter((technique) => technique.visible !== 'no') ?? [];
  return (
    <>
      <PageHead title={t.rules.coverage} documentTitle={t.rules.coverage} />
      <RuleTabs />
      <p class="page-intro">{t.rules.coverageIntro}</p>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading rows={10} />)}
      {data && (
        <>
          <p>
            <strong>
              {t.rules.coverageSummary(
                visibleOnes.filter((technique) => technique.rules > 0).length,
                visibleOnes.length,
              )}
            </strong>
          </p>
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
                    .filter((technique) => technique.tactics.includes(tactic))
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
                                <a href={`${to.rules}${query({ q: technique.id })}`}>
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
    </>
  );
}

export function MutesPage() {
  const { data, error, reload } = useResource<{ items: Mute[] }>('/mutes');
  const mayDecide = useMayDecide();
  return (
    <>
      <PageHead title={t.rules.mutes} documentTitle={t.rules.mutes} />
      <RuleTabs />
      <p class="page-intro">{t.rules.mutesIntro}</p>
      {!data && (error ? <ErrorState error={error} retry={reload} /> : <Loading />)}
      {data && data.items.length === 0 && (
        <div class="state">
          <p>{t.rules.mutesNone}</p>
        </div>
      )}
      {data && data.items.length > 0 && (
        <ScrollX label={t.rules.mutes} class="table-box">
          <table class="table">
            <thead>
              <tr>
                <th scope="col">{t.rules.mutesScope}</th>
                <th scope="col">{t.rules.reason}</th>
                <th scope="col">{t.rules.mutesOwner}</th>
                <th scope="col">{t.rules.mutesUntil}</th>
                <th scope="col">
                  <span class="visually-hidden">{t.admin.actions}</span>
                </th>
              </tr>
            </thead>
            <tbody>
              {data.items.map((mute) => (
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
            </tbody>
          </table>
        </ScrollX>
      )}
    </>
  );
}
