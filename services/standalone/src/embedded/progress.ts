/** Told once when a step begins that a person would notice (a download, making the database files). */
export type Progress = (step: string) => void;
