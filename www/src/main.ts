import './style/tokens.css';
import './style/base.css';
import './style/controls.css';
import './style/layout.css';
import './style/parts.css';
import './style/print.css';
import './app.ts';
