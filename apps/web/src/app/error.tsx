'use client';
export { PageFault as default } from '../shell/PageFault.tsx';
