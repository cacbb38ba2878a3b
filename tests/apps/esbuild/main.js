import { journey } from './journey.js';

window.journey = journey;
