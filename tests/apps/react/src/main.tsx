import { StrictMode } from 'react';
import { createRoot } from 'react-dom/client';

import { Backups } from './Backups.tsx';

const storage = { kind: 'broker', url: location.origin } as const;
createRoot(document.getElementById('app')!).render(<StrictMode><Backups storage={storage} /></StrictMode>);
