'use client';

// Imported on the server, too, where the page is drawn first: importing touches nothing that only a browser has.
import { useEffect } from 'react';

import { journey } from '../journey.js';

export default function Page() {
  useEffect(() => { window.journey = journey; }, []);
  return <h1>An app by Next.js</h1>;
}
