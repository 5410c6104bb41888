import { join } from 'node:path';
import { API } from 'typescript/unstable/sync';

/** An unused name is untidy and does no harm. Nobody may find a lost protection by it alone, so it refuses no change. */
const UNTIDY = new Set([6133, 6138, 6192, 6196, 6198, 7027]);

interface Compiler {
  /** That the file, relative to the project, has no error of types with this text. */
  accepts(file: string, text: string): boolean;
  close(): void;
}

/** Keeps the checked project, so that a change costs some 15 ms. The interface is unstable: the version of the package is exact. */
export function startCompiler(project: string): Compiler {
  let [changedPath, changedText] = ['', ''];
  const readFile = (path: string): string | undefined => (path === changedPath ? changedText : undefined);
  const api = new API({ cwd: project, fs: { readFile } });
  const config = join(project, 'tsconfig.json');
  let snapshot = api.updateSnapshot({ openProjects: [config] });
  return {
    accepts: (file, text) => {
      const before = changedPath;
      [changedPath, changedText] = [join(project, file), text];
      const changed = [...new Set([before, changedPath])].filter((path) => path !== '');
      const last = snapshot;
      snapshot = api.updateSnapshot({ fileChanges: { changed } });
      // Not before the next one has taken over what both know.
      last.dispose();
      const program = snapshot.getProject(config)?.program;
      if (program === undefined) throw new Error(`The compiler does not know ${config}.`);
      const errors = [...program.getSyntacticDiagnostics(changedPath), ...program.getSemanticDiagnostics(changedPath)];
      return errors.every(({ code }) => UNTIDY.has(code));
    },
    close: () => api.close(),
  };
}
