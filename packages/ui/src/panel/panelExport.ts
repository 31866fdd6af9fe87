'use client';
import { createContext, useContext, useEffect } from 'react';

/** Draws the panel's picture; asked when the person wants a PNG. */
export type PictureMaker = (frame: PictureFrame) => Promise<Blob>;

/** What the panel knows and the chart does not. */
export interface PictureFrame {
  readonly title: string;
  readonly source: string;
}

type Register = (maker: PictureMaker) => () => void;

export const PictureContext = createContext<Register | null>(null);

/** Offers the enclosing panel a way to draw its PNG; the newest offer wins. */
export function usePictureMaker(maker: PictureMaker): void {
  const register = useContext(PictureContext);
  useEffect(() => register?.(maker), [register, maker]);
}
