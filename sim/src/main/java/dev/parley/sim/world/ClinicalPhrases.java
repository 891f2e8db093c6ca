package dev.parley.sim.world;

import dev.parley.sim.world.Phrasebook.Finding;

/** What a physician writes of a patient who may have pneumonia. Evidence 0 is focal disease, 1 is systemic illness. */
final class ClinicalPhrases {
    static final Phrasebook BOOK = new Phrasebook(
            Phrasebook.wordings("""
                    Patient aged # presenting with | # year old seen in the emergency department: | Pt # yo c/o \
                    | Admission note, age #: | Reviewed on the ward, # years, | Referred by family doctor, #y:"""),
            Finding.list("""
                    0 | -0.3 | productive cough | coughing up green sputum | purulent expectoration | chesty cough
                    0 |  0.3 | pleuritic pain | stabbing pain on inspiration | pleurisy | chest hurts on deep breath
                    0 |  0.1 | coarse crackles | creps on auscultation | rales basally | moist crepitations
                    0 |  0.6 | dull percussion note | dullness over lower lobe | stony base | reduced resonance
                    0 |  0.8 | bronchial breathing | tubular breath sounds | egophony | increased vocal fremitus
                    0 | -0.1 | breathless on exertion | short of breath | dyspnoea | SOB | winded when walking
                    1 | -0.2 | fever | febrile | pyrexia | raised temperature | hot to touch
                    1 |  0.3 | rigors | shaking chills | shivering fits | shivers | cold shudders
                    1 | -0.4 | malaise | generally unwell | fatigue | washed out | prostration
                    1 |  0.9 | acute confusion | disoriented | delirium | muddled | altered mental state
                    1 |  0.0 | poor oral intake | off food | anorexia | not eating | appetite lost
                    1 |  0.4 | drenching sweats | diaphoretic | clammy skin | perspiring | soaked sheets"""),
            Phrasebook.rows("""
                            hypertension | high blood pressure | HTN | treated for blood pressure
                            type two diabetes | diabetic | T2DM | on metformin
                            current smoker | smokes daily | tobacco use | pack a day
                            chronic back pain | lumbago | long standing backache | LBP
                            knee arthritis | osteoarthritis | worn knees | OA
                            penicillin allergy | allergic to penicillin | reacts to amoxicillin | pen allergic
                            lives alone | carer at home | independent at home | widowed""").toList(),
            Phrasebook.wordings("no @ | denies @ | @ absent | @ neg | nil @ | not noted: @"),
            Phrasebook.wordings("marked | severe | pronounced | very bad | significant"),
            Phrasebook.wordings("""
                    bloods sent | awaiting imaging | to be discussed with senior | observe overnight \
                    | review in the morning | plan explained to family"""),
            Phrasebook.shortForms("""
                    Patient Pt | presenting p/w | with w/ | without w/o | pain pn | chest ch | temperature temp \
                    | negative neg | breath brth | cough cgh | emergency emerg | department: dept: | years, yrs,"""));

    private ClinicalPhrases() {}
}
