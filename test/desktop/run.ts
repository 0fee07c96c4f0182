// npm run test:desktop: the host suite in desktop VS Code, on the oldest version we claim and on the newest.
import { readFileSync, rmSync } from 'node:fs';
import { join } from 'node:path';
import { downloadAndUnzipVSCode, runTests } from '@vscode/test-electron';
import { root, runDir } from '../../tools/paths.ts';
import { run, runTool } from '../../tools/processes.ts';
import { writeSettings } from '../../tools/server.ts';
import { describeTally, isGreen, takeTally, tallyVariable, userDataVariable } from '../run/tally.ts';
import { trustedEnv } from '../run/trusted.ts';
import { cloneCheckout, quietSettings, scratchFolder } from '../run/workspace.ts';

async function download(version: string): Promise<string> {
  try {
    return await downloadAndUnzipVSCode({ version, cachePath: join(runDir, 'desktop-test') });
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    throw new Error(
      `VS Code ${version} could not be downloaded (${why}), so nothing was tested. ` +
        'This suite needs the internet; `npm run test:host` runs the same tests without.',
      { cause: error },
    );
  }
}

async function testOn(version: string): Promise<boolean> {
  const vscodeExecutablePath = await download(version);
  const scratch = scratchFolder();
  const tallyPath = join(scratch, 'tally.json');
  const profile = { userDataDir: join(scratch, 'user-data'), extensionsDir: join(scratch, 'extensions') };
  writeSettings(profile, quietSettings);
  try {
    await runTests({
      vscodeExecutablePath,
      extensionDevelopmentPath: [root, join(root, 'test', 'host', 'fakeModels')],
      extensionTestsPath: join(root, 'dist', 'test', 'host.js'),
      extensionTestsEnv: {
        [tallyVariable]: tallyPath,
        [userDataVariable]: profile.userDataDir,
        ...trustedEnv(scratch),
      },
      launchArgs: [
        await cloneCheckout(scratch),
        ...['--user-data-dir', profile.userDataDir, '--extensions-dir', profile.extensionsDir],
        ...['--disable-workspace-trust', '--disable-extensions', '--disable-gpu'],
      ],
    });
  } catch (error) {
    // The exit code of a run with failing tests arrives as an error; the tally below says which it was.
    console.error(error instanceof Error ? error.message : error);
  }
  const tally = takeTally(tallyPath);
  console.log(
    `VS Code ${version}: ${tally === undefined ? 'ended before the tests did' : describeTally(tally)}`,
  );
  rmSync(scratch, { recursive: true, force: true });
  return tally !== undefined && isGreen(tally);
}

runTool(async () => {
  await run(process.execPath, ['esbuild.mjs', '--tests', '--quiet'], { cwd: root });
  const { engines } = JSON.parse(readFileSync(join(root, 'package.json'), 'utf8')) as {
    engines: { vscode: string };
  };
  const green: boolean[] = [];
  for (const version of [engines.vscode.replace('^', ''), 'stable']) green.push(await testOn(version));
  if (green.includes(false)) process.exitCode = 1;
});
