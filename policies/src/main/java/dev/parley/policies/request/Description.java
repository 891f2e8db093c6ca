package dev.parley.policies.request;

import java.time.Instant;
import java.util.List;
import java.util.Optional;

/** The parts of which requests are made up. */
public sealed interface Description {
    /** Somebody who asks or approves. */
    @About("Somebody who asks or approves.")
    record Party(
            @About("the person's name in the federation") String name,

            @About("the organisation that the person acts for")
            String organisation)
            implements Description {}

    /** An approval of the very request that it is part of. */
    @About("An approval of the very request that it is part of.")
    record Approval(
            @About("who approved") Party by, @About("when") Instant at) implements Description {}

    /** An organisation's computer with records. */
    @About("A site of the federation.")
    record Site(
            @About("the name under which it is enrolled") String name,
            @About("the organisation that it belongs to") Optional<String> organisation,

            @About("whose law its records are kept under, such as DE or US")
            Optional<String> jurisdiction)
            implements Description {}

    /** Who gets what is exported. */
    @About("Who gets what is exported.")
    record Recipient(
            @About("the person's or register's name") String name,
            @About("the organisation") String organisation,
            @About("whose law it is kept under there") Optional<String> jurisdiction)
            implements Description {}

    /** How many sites a round needs and takes. */
    @About("How many sites a round needs and takes.")
    record Cohort(
            @About("fewest updates with which a round releases")
            long quorum,

            @About("sites that must accept before a round collects")
            long minimum,

            @About("sites that must be attached before the first round")
            long starting,

            @About("most sites in one round") long maximum)
            implements Description {}

    /** Noise that a plan declares. */
    @About("Noise that plans declare for updates; private training inside a site is not part of it.")
    record Noise(
            @About("none, or distributed-gaussian") Kind kind,

            @About("standard deviation over the bound on one update")
            Optional<Double> multiplier,

            @About("sites whose shares together are the whole noise")
            Optional<Long> shares)
            implements Description {
        /** Written in lower case. */
        public enum Kind {
            NONE,
            DISTRIBUTED_GAUSSIAN
        }
    }

    /** How updates are hidden from the coordinator. */
    @About("How updates are hidden from the coordinator.")
    record SumProtection(
            @About("whether updates are masked, so that only sums can be opened")
            boolean secureAggregation,

            @About("members that may work together with the coordinator without seeing more")
            long colluding,

            @About("groups whose sums are opened one by one for robust aggregation; 0 for one sum over all")
            long groups,

            @About("fewest updates in any sum that may be opened")
            long smallestSum)
            implements Description {}

    /** What subjects agreed to. */
    @About("What the subjects of one dataset agreed to.")
    record Consent(
            @About("the site that keeps the dataset") String site,
            @About("the dataset's name") String dataset,
            @About("the uses that were agreed to") List<String> purposes,
            @About("until when, if it was limited") Optional<Instant> until)
            implements Description {
        public Consent {
            purposes = List.copyOf(purposes);
        }
    }

    /** A privacy loss. */
    @About("A privacy loss.")
    record PrivacyLoss(
            @About("epsilon") double epsilon,

            @About("the probability that the promise may fail")
            double delta) implements Description {}

    /** The loss of one site's records. */
    @About("The loss of one site's records.")
    record SiteLoss(
            @About("the site") String site,
            @About("its loss in all") PrivacyLoss loss) implements Description {}

    /** What has been, or will be, spent. */
    @About("What is spent of privacy in all.")
    record Privacy(
            @About("what one loss protects, such as record, subject or site")
            String unit,

            @About("the loss towards whoever sees everything that is released")
            Optional<PrivacyLoss> federation,

            @About("the loss of each site's records") Optional<List<SiteLoss>> sites)
            implements Description {
        public Privacy {
            sites = sites.map(List::copyOf);
        }
    }

    /** An estimate. */
    @About("An estimate with its interval, 95 % unless the federation says otherwise.")
    record Interval(
            @About("the estimate") double value,
            @About("the interval's lower end") double lower,
            @About("the interval's upper end") double upper)
            implements Description {}

    /** What a version reached. */
    @About("What a version reached on held-out records.")
    record Scores(
            @About("records") long records,
            @About("area under the ROC curve") Optional<Interval> auroc,
            @About("expected calibration error") Optional<Interval> ece)
            implements Description {}

    /** What a version reached where certain modalities were there. */
    @About("What a version reached on records that have exactly these modalities.")
    record SubsetScores(
            @About("the modalities, such as text or text+image")
            String modalities,

            @About("records") long records,
            @About("area under the ROC curve") Optional<Interval> auroc,

            @About("what the version in force reaches on the same records")
            Optional<Double> championAuroc)
            implements Description {}

    /** What a version reached for a group of people. */
    @About("What a version reached for one group of people.")
    record GroupScores(
            @About("what groups are told apart by, such as sex or age")
            String attribute,

            @About("the group") String group,
            @About("records") long records,
            @About("area under the ROC curve") Optional<Interval> auroc,

            @About("share of the truly positive that were missed")
            Optional<Double> falseNegativeRate)
            implements Description {}

    /** What the canary sites have seen. */
    @About("What the canary sites have seen of a version so far.")
    record CanaryReport(
            @About("hours that it has been in use") double hours,
            @About("predictions that it has made") long predictions,

            @About("distance of the inputs from those of training, 0 to 1")
            Optional<Interval> drift,

            @About("share of predictions for which the site fell back to the earlier version")
            Optional<Interval> fallbackRate,

            @About("95th percentile of the time for one prediction, in milliseconds")
            Optional<Double> latencyMillis)
            implements Description {}
}
