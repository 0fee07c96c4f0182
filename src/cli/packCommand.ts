import { readFile, writeFile } from 'node:fs/promises';
import { join, resolve } from 'node:path';

import { whatIfLimits, type BudgetMap, type WhatIf } from '../core/pack/budgetMap.ts';
import { mapOf } from '../core/pack/mapOf.ts';
import { standaloneMap } from '../core/pack/mapPage.ts';
import { presetOf } from '../core/pack/presets.ts';
import { listSecrets } from '../core/pack/secretsReport.ts';
import { reasonOf } from '../core/pack/describeFile.ts';
import type { Form, Plan } from '../core/pack/types.ts';
import { describeImages } from '../core/review/imagePlan.ts';
import { prepare, type Prepared, type PrepareRequest } from '../core/review/prepare.ts';
import { whatIf as whatIfFor } from '../core/review/whatIf.ts';
import { describeListingNote, isRemarkable } from '../core/workspace/listingNotes.ts';
import { describeSkip } from '../core/workspace/types.ts';
import type { Options } from './args.ts';
import { declared, folderOf, openJob, settingsOf, tellLost } from './job.ts';
import { drawMap, plainScreen } from './mapTable.ts';
import { packOutput, tellWritten, writing } from './packOutput.ts';
import { bytes, describeLimit, gaugeBar, number, packReport } from './report.ts';
import { printableName } from './printable.ts';
import { chosenBy } from './selection.ts';
import { cacheFolder } from './endpoints.ts';
import { writtenPacks } from './writtenPacks.ts';
import { describeProgress, type Terminal } from './terminal.ts';

/** `longview pack`: packs against the endpoint's limit, or everything where neither endpoint nor limit is given. */
export async function packCommand(
  dir: string,
  options: Options,
  terminal: Terminal,
  signal: AbortSignal,
): Promise<void> {
  const job = await openJob(terminal, options);
  const memory = join(cacheFolder(terminal.env), 'written');
  const output = packOutput(options.out, terminal, writtenPacks(memory, __dirname));
  try {
    const folder = folderOf(dir, terminal);
    const endpoint = (await job.endpoint(options)) ?? null;
    const counting = await job.counting(endpoint, options, signal);
    const request: PrepareRequest = {
      folders: [folder],
      trusted: true,
      ownOutputs: outputs(options, terminal),
      endpoint,
      counting,
      evidence: declared(options),
      ...(await chosenBy(options, folder.path, terminal)),
      question: '',
      settings: settingsOf(options),
      ...(output.sink && { sink: output.sink }),
      signal,
      onProgress: progress => terminal.progress(describeProgress(progress)),
    };
    const prepared = await prepare(request, job.measurer);
    tellLost(counting, prepared, terminal);
    tellStrayWishes(options, prepared, terminal);
    await output.finish(prepared.pack);
    for (const line of describeImages(prepared.images)) terminal.tell(line);
    for (const note of prepared.inventory.notes.filter(isRemarkable))
      terminal.tell(printableName(describeListingNote(note)));
    if (options.out !== undefined && prepared.sentImages.length > 0)
      terminal.tell('Images are no part of the file: they travel beside its text.');
    const frames = prepared.pack.tokens - prepared.plan.tokens;
    const map = () => mapOf(prepared, { title: folder.name, frames });
    if (options.html !== undefined) {
      const whatIf: WhatIf[] = [];
      for (const limit of whatIfLimits) {
        terminal.progress(`Planning for ${number(limit)} tokens…`);
        whatIf.push(await whatIfFor(request, prepared, limit, job.measurer));
      }
      await writeMap({ ...map(), whatIf }, options.html, terminal);
    }
    const toStdout = options.out === '-';
    const summary =
      options.map === true ? drawMap(map(), toStdout ? plainScreen : terminal.screen) : summaryOf(prepared);
    if (options.json && !toStdout)
      terminal.out(`${JSON.stringify(packReport(folder.path, prepared), null, 2)}\n`);
    else if (toStdout) for (const line of summary) terminal.tell(line);
    else terminal.out(`${summary.join('\n')}\n`);
  } finally {
    await output.dispose();
    await job.close();
  }
}

async function writeMap(map: BudgetMap, html: string, terminal: Terminal): Promise<void> {
  const script = await readFile(join(__dirname, 'map.js'), 'utf8');
  const style = await readFile(join(__dirname, '..', 'media', 'map.css'), 'utf8');
  const page = Buffer.from(standaloneMap(map, script, style));
  const file = resolve(terminal.cwd, html);
  await writing(file, () => writeFile(file, page));
  tellWritten(page.byteLength, file, terminal);
}

function outputs({ out, html }: Options, terminal: Terminal): string[] {
  return [out, html].flatMap(name =>
    name === undefined || name === '-' ? [] : [resolve(terminal.cwd, name)],
  );
}

/** A wish about a path that is not there may be a slip of the pen. */
function tellStrayWishes({ steering }: Options, { plan }: Prepared, terminal: Terminal): void {
  for (const [path, wish] of steering ?? []) {
    if (!plan.files.some(f => f.path === path || f.path.startsWith(`${path}/`) || path === ''))
      terminal.tell(`--${wish} ${path}: there is no such file in the workspace.`);
  }
}

const shownFiles = 10;

function formSection({ files }: Plan, form: Form, title: string): string[] {
  const found = files.filter(f => f.form === form);
  const lines = found.map(f => `${printableName(f.path)}: ${reasonOf(f) ?? ''}`);
  return section(`${title} (${number(found.length)}):`, lines);
}

function summaryOf(prepared: Prepared): string[] {
  const { plan, pack, inventory, limit, budget } = prepared;
  const leftOut = plan.files.filter(f => f.form === 'left-out');
  const secrets = listSecrets(inventory.files);
  const largest = plan.files
    .filter(f => f.tokens > 0)
    .sort((a, b) => b.tokens - a.tokens)
    .slice(0, shownFiles);
  return [
    ...(plan.preset === undefined ? [] : [`Chosen: ${presetOf(plan.preset).title}`]),
    gaugeBar(budget.limit === null ? pack.tokens : prepared.promptTokens, budget),
    `${number(pack.manifest.length)} of ${number(plan.files.length)} files packed, ${number(pack.tokens)} tokens, ${bytes(pack.bytes)}`,
    ...(prepared.counter.exact ? [] : [prepared.counter.note]),
    ...(limit.kind === 'known' ? [`Context limit: ${describeLimit(limit)}`] : []),
    '',
    'Largest:',
    ...largest.map(f => `${number(f.tokens).padStart(12)}  ${printableName(f.path)}`),
    ...formSection(plan, 'outline', 'Outlined'),
    ...formSection(plan, 'shortened', 'Shortened'),
    ...formSection(plan, 'listed', 'By path only'),
    ...section(
      `Left out (${number(leftOut.length)}):`,
      leftOut.map(f => printableName(`${f.path}: ${reasonOf(f) ?? ''}`)),
    ),
    ...section(
      `Secrets, redacted unless allowed with --allow-secret (${number(secrets.length)}):`,
      secrets.map(
        s => `${s.id}  ${printableName(s.path)}:${s.line}: ${s.rule}${s.allowed ? ', allowed' : ''}`,
      ),
    ),
    ...section(
      `Skipped (${number(inventory.skips.length)}):`,
      inventory.skips.map(s => printableName(`${s.path}: ${describeSkip(s.reason)}`)),
    ),
  ];
}

function section(title: string, lines: readonly string[]): string[] {
  if (lines.length === 0) return [];
  const more = lines.length - shownFiles;
  const shown = lines.slice(0, shownFiles).map(line => `  ${line}`);
  return ['', title, ...shown, ...(more > 0 ? [`  and ${number(more)} more (--json lists them all)`] : [])];
}
