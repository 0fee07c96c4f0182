// Stands in until the real command line is merged.
process.stderr.write('longview: no command is wired yet\n');
process.exitCode = 2;
