package dev.parley.sim.world;

import dev.parley.sim.world.Phrasebook.Finding;

/** What an operator writes of a machine that may be about to fail. Evidence 0 is the surface, 1 is the rotation. */
final class OperatorPhrases {
    static final Phrasebook BOOK = new Phrasebook(
            Phrasebook.wordings("""
                    Shift # walkdown: | Round # by operator, | Machine log, hour #: | Routine check no. #, \
                    | Handover note # - | Inspected at station #:"""),
            Finding.list("""
                    0 | -0.3 | hairline crack | fine fracture line | fissure on housing | split in casing
                    0 |  0.2 | surface pitting | pitted face | small craters | pockmarked metal
                    0 |  0.5 | flaking coating | paint lifting | peeling finish | blistered lacquer
                    0 |  0.0 | rust streaks | corrosion visible | oxidised patches | brown staining
                    0 |  0.8 | oil weeping | lubricant seeping | wet seal | drip under the flange
                    0 |  0.3 | scored shaft | scratches on journal | gouged surface | grooves worn in
                    1 | -0.2 | grinding noise | rough running | growling sound | harsh rumble
                    1 |  0.3 | knocking | hammering beat | clunks each turn | tapping rhythm
                    1 | -0.4 | excess vibration | shaking more than usual | trembles underfoot | wobbling frame
                    1 |  0.9 | high pitched squeal | whining bearing | shrieks at speed | whistling tone
                    1 |  0.1 | play in coupling | loose coupling | slack joint | backlash felt
                    1 |  0.5 | speed hunting | rpm unsteady | revolutions wander | surging drive"""),
            Phrasebook.rows("""
                            filter changed | new filter fitted | replaced strainer
                            belt tension set | belt adjusted | retensioned drive belt
                            product changeover | new batch loaded | recipe switched
                            floor cleaned | area swept | housekeeping done
                            guard removed | cover off | panel open
                            apprentice present | trainee on shift | new starter along""").toList(),
            Phrasebook.wordings("no @ | @ not observed | nil @ | @ nil | not seen: @ | checked for @ and clear"),
            Phrasebook.wordings("heavy | severe | pronounced | bad | considerable"),
            Phrasebook.wordings("""
                    logged in system | supervisor informed | recheck next shift | running on \
                    | parts on order | sheet signed"""),
            Phrasebook.shortForms("""
                    vibration vib | bearing brg | coupling cplg | surface surf. | noise ns | shaft shft | speed spd \
                    | without w/o | operator, op, | machine m/c | temperature temp | observed obs"""));

    private OperatorPhrases() {}
}
