// Of itself webpack makes files of the package's workers and modules.
export default {
  mode: 'production',
  entry: './main.js',
  output: { filename: 'main.js', path: import.meta.dirname + '/dist', clean: true },
  performance: { hints: false },
};
