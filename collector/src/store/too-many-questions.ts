/** A store's word that more questions are waiting than it can answer in reasonable time. */
export class TooManyQuestionsError extends Error {}
