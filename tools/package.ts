// npm run package: prints what is in the package, and fails when it may not be shipped.
import { packageExtension } from './packageExtension.ts';
import { runTool } from './processes.ts';

runTool(async () => {
  await packageExtension(line => console.log(line));
});
