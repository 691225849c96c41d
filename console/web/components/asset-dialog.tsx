import type { Asset } from '../../../sensor/model/records.ts';
import { t } from '../i18n/index.ts';
import { put } from '../lib/api.ts';
import { encodeId, visible } from '../lib/text.ts';
import type { AssetSettings } from '../lib/types.ts';
import { FormDialog, FormField, text } from './form-dialog.tsx';
import { toast } from './toasts.tsx';

const LEVELS = ['5', '4', '3.5', '3', '2', '1', '0'] as const;
/** What a person may say as the device would say it of itself, in the order of the form. */
const IDENTITY = ['vendor', 'model', 'order_number', 'firmware', 'hardware_revision', 'serial'] as const;
const CRITICALITIES = ['low', 'medium', 'high'] as const;

/** What a person knows about a device; what is left empty is as the sensor found it. */
export function AssetDialog({
  asset,
  settings,
  onDone,
  onClose,
}: {
  asset: Asset;
  settings: AssetSettings;
  onDone: () => void;
  onClose: () => void;
}) {
  const role = settings.roles?.[0] ?? '';
  return (
    <FormDialog
      title={t.assetEdit.title}
      text={t.assetEdit.text}
      submit={t.triage.save}
      onClose={onClose}
      send={async (form) => {
        const name = text(form, 'name');
        const zone = text(form, 'zone');
        const chosenRole = text(form, 'role');
        const level = text(form, 'level');
        const criticality = text(form, 'criticality');
        const identity = Object.fromEntries(
          IDENTITY.map((field) => [field, text(form, field)]).filter(([, value]) => value !== ''),
        );
        await put(`/assets/${encodeId(asset.id)}/settings`, {
          ...(name === '' ? {} : { name }),
          ...(zone === '' ? {} : { zone }),
          ...(chosenRole === '' ? {} : { roles: [chosenRole] }),
          ...(level === '' ? {} : { purdue_level: Number(level) }),
          ...(criticality === '' ? {} : { criticality }),
          ...identity,
        });
        toast(t.assetEdit.saved);
        onDone();
      }}
    >
      <FormField label={t.assetEdit.name} id="asset-name">
        <input
          id="asset-name"
          name="name"
          type="text"
          maxLength={100}
          defaultValue={settings.name ?? ''}
          placeholder={visible(asset.name)}
          autocomplete="off"
        />
      </FormField>
      <FormField label={t.assetEdit.role} id="asset-role">
        <select id="asset-role" name="role">
          <option value="" selected={role === ''}>
            {t.assetEdit.asFound}
          </option>
          {Object.entries(t.assetRole).map(([value, words]) => (
            <option key={value} value={value} selected={value === role}>
              {words}
            </option>
          ))}
        </select>
      </FormField>
      <FormField label={t.assetEdit.zone} id="asset-zone">
        <input
          id="asset-zone"
          name="zone"
          type="text"
          maxLength={100}
          defaultValue={settings.zone ?? ''}
          autocomplete="off"
        />
      </FormField>
      <FormField label={t.assetEdit.level} id="asset-level">
        <select id="asset-level" name="level">
          <option value="" selected={settings.purdue_level === undefined}>
            {t.assetEdit.asFound}
          </option>
          {LEVELS.map((level) => (
            <option key={level} value={level} selected={String(settings.purdue_level) === level}>
              {t.map.level(Number(level))} {t.map.levelNames[level]}
            </option>
          ))}
        </select>
      </FormField>
      <FormField label={t.assetEdit.criticality} id="asset-criticality">
        <select id="asset-criticality" name="criticality">
          <option value="" selected={settings.criticality === undefined}>
            {t.assetEdit.asFound}
          </option>
          {CRITICALITIES.map((one) => (
            <option key={one} value={one} selected={settings.criticality === one}>
              {t.asset.criticalities[one]}
            </option>
          ))}
        </select>
      </FormField>
      <fieldset class="field field-group">
        <legend>{t.decisions.identity}</legend>
        {IDENTITY.map((field) => (
          <FormField label={t.identityField[field]} id={`asset-${field}`} key={field}>
            <input
              id={`asset-${field}`}
              name={field}
              type="text"
              maxLength={100}
              defaultValue={settings[field] ?? ''}
              placeholder={visible(asset[field] ?? '')}
              autocomplete="off"
            />
          </FormField>
        ))}
      </fieldset>
    </FormDialog>
  );
}
