package dev.parley.policies.request;

import dev.parley.policies.request.Description.Approval;
import dev.parley.policies.request.Description.CanaryReport;
import dev.parley.policies.request.Description.Cohort;
import dev.parley.policies.request.Description.Consent;
import dev.parley.policies.request.Description.GroupScores;
import dev.parley.policies.request.Description.Noise;
import dev.parley.policies.request.Description.Party;
import dev.parley.policies.request.Description.Privacy;
import dev.parley.policies.request.Description.PrivacyLoss;
import dev.parley.policies.request.Description.Recipient;
import dev.parley.policies.request.Description.Scores;
import dev.parley.policies.request.Description.Site;
import dev.parley.policies.request.Description.SubsetScores;
import dev.parley.policies.request.Description.SumProtection;
import java.time.Instant;
import java.util.List;
import java.util.Optional;

/**
 * Something that somebody wants to do, described for the policies that decide about it. An optional field that is empty is
 * evidence that is missing; a policy that needs it then cannot say yes.
 *
 * <p><b>Does not</b> hold a record of a person, nor anything that a site has not already let out.
 */
public sealed interface GovernedRequest {
    String federation();

    /** The moment of the request. Policies have no other clock, so that the same request is decided alike at any time. */
    Instant now();

    /** What is asked for. */
    default RequestKind kind() {
        return switch (this) {
            case StartFederation request -> RequestKind.START_FEDERATION;
            case JoinSite request -> RequestKind.JOIN_SITE;
            case RunRound request -> RequestKind.RUN_ROUND;
            case Promote request -> RequestKind.PROMOTE;
            case Deploy request -> RequestKind.DEPLOY;
            case Export request -> RequestKind.EXPORT;
            case QueryStatistics request -> RequestKind.QUERY_STATISTICS;
            case ChangePolicy request -> RequestKind.CHANGE_POLICY;
        };
    }

    /** A federation is to begin. */
    @About("A federation is to begin: what will be learned, by whom, under which protection.")
    record StartFederation(
            @About("the federation's name") String federation,
            @About("the moment of the request") Instant now,

            @About("the declared use of the records, such as research or quality-of-care")
            Optional<String> purpose,

            @About("whose law the federation is run under, such as EU, DE or US")
            Optional<String> jurisdiction,

            @About("the sites that may take part, as far as they are named")
            List<Site> sites,

            @About("whether any enrolled site may take part")
            boolean openToEverySite,

            @About("rounds, the statistics round included") long rounds,
            @About("how many sites a round needs and takes") Cohort cohort,

            @About("bound on the Euclidean norm of one site's update")
            double clipNorm,

            @About("examples that count for one site at most")
            long exampleCap,

            @About("noise that plans declare for updates") Noise noise,

            @About("how updates are hidden from the coordinator")
            SumProtection protection,

            @About("what the subjects of the datasets agreed to")
            Optional<List<Consent>> consents,

            @About("what the whole federation will cost in privacy")
            Optional<Privacy> privacy)
            implements GovernedRequest {
        public StartFederation {
            sites = List.copyOf(sites);
            consents = consents.map(List::copyOf);
        }
    }

    /** A site wants to enrol or attach. */
    @About("A site wants to enrol (get its certificate) or attach (be there for rounds).")
    record JoinSite(
            @About("the federation's name") String federation,
            @About("the moment of the request") Instant now,
            @About("enrol or attach") JoinSite.Step step,
            @About("the site") Site site,
            @About("the declared use of the records") Optional<String> purpose,
            @About("whose law the federation is run under") Optional<String> jurisdiction,

            @About("what the subjects of the site's datasets agreed to")
            Optional<List<Consent>> consents,

            @About("records that the site brings, as it declares them")
            Optional<Long> records)
            implements GovernedRequest {
        public JoinSite {
            consents = consents.map(List::copyOf);
        }

        /** Written in lower case. */
        public enum Step {
            ENROL,
            ATTACH
        }
    }

    /** A round's plan is to go out. */
    @About("A round's plan is to go out to its sites.")
    record RunRound(
            @About("the federation's name") String federation,
            @About("the moment of the request") Instant now,
            @About("the declared use of the records") Optional<String> purpose,
            @About("whose law the federation is run under") Optional<String> jurisdiction,
            @About("the round's number, from 0") long round,
            @About("the attempt at it, from 0") long attempt,
            @About("statistics or train") Task task,
            @About("the sites that are asked") List<Site> sites,

            @About("bound on the Euclidean norm of one site's update")
            double clipNorm,

            @About("examples that count for one site at most")
            long exampleCap,

            @About("noise that the plan declares") Noise noise,

            @About("how updates are hidden from the coordinator")
            SumProtection protection,

            @About("what the subjects of the datasets agreed to")
            Optional<List<Consent>> consents,

            @About("what has been spent when this round is over")
            Optional<Privacy> privacy)
            implements GovernedRequest {
        public RunRound {
            sites = List.copyOf(sites);
            consents = consents.map(List::copyOf);
        }

        /** Written in lower case. */
        public enum Task {
            STATISTICS,
            TRAIN
        }
    }

    /** A version of the model is to move to another stage. */
    @About("A version of the model is to move to another stage, such as from candidate to canary or released.")
    record Promote(
            @About("the federation's name") String federation,
            @About("the moment of the request") Instant now,
            @About("the declared use of the model") Optional<String> purpose,
            @About("whose law the model is released under") Optional<String> jurisdiction,
            @About("SHA-256 of the version, hexadecimal") String model,
            @About("who asks for it") Party author,
            @About("the stage that it has") Stage fromStage,
            @About("the stage that it is to have") Stage toStage,
            @About("who has approved this request") List<Approval> approvals,

            @About("what the version reached on held-out records")
            Optional<Scores> candidate,

            @About("what the version in force reached; absent if there is none")
            Optional<Scores> champion,

            @About("scores for each combination of modalities that occurs")
            Optional<List<SubsetScores>> subsets,

            @About("scores for each group of people that fairness is asked for")
            Optional<List<GroupScores>> groups,

            @About("records that the version was trained on, over all sites")
            Optional<Long> trainingRecords,

            @About("sites whose updates are in the version") Optional<Long> contributingSites,
            @About("what training has cost in privacy") Optional<Privacy> privacy,

            @About("kinds of change since the version in force, such as retrain or add-site")
            Optional<List<String>> changes,

            @About("the predetermined change control plan that the request appeals to")
            Optional<String> changePlan,

            @About("documents that come with the version, such as model-card or risk-assessment")
            Optional<List<String>> documents)
            implements GovernedRequest {
        public Promote {
            approvals = List.copyOf(approvals);
            subsets = subsets.map(List::copyOf);
            groups = groups.map(List::copyOf);
            changes = changes.map(List::copyOf);
            documents = documents.map(List::copyOf);
        }
    }

    /** A version is to be used at a site, or to go on being used. */
    @About("A version is to be used at a site: to start there, to continue as a canary, or to widen to all.")
    record Deploy(
            @About("the federation's name") String federation,
            @About("the moment of the request") Instant now,
            @About("the declared use of the model") Optional<String> purpose,
            @About("whose law the model is used under") Optional<String> jurisdiction,
            @About("SHA-256 of the version, hexadecimal") String model,
            @About("who asks for it") Party author,
            @About("who has approved this request") List<Approval> approvals,
            @About("the site") Site site,
            @About("the version's stage") Stage stage,
            @About("start, continue or widen") Deploy.Step step,
            @About("what the canary sites have seen so far") Optional<CanaryReport> canary)
            implements GovernedRequest {
        public Deploy {
            approvals = List.copyOf(approvals);
        }

        /** Written in lower case. */
        public enum Step {
            START,
            CONTINUE,
            WIDEN
        }
    }

    /** Something is to leave the federation. */
    @About("Something is to leave the federation: a model, a report, the audit log.")
    record Export(
            @About("the federation's name") String federation,
            @About("the moment of the request") Instant now,
            @About("the declared use of what is exported") Optional<String> purpose,
            @About("whose law the federation is run under") Optional<String> jurisdiction,
            @About("model, report or audit-log") What what,

            @About("SHA-256 of what is exported, hexadecimal")
            String content,

            @About("who asks for it") Party author,
            @About("who has approved this request") List<Approval> approvals,
            @About("who gets it") Recipient recipient,
            @About("what it has cost in privacy") Optional<Privacy> privacy)
            implements GovernedRequest {
        public Export {
            approvals = List.copyOf(approvals);
        }

        /** Written in lower case. */
        public enum What {
            MODEL,
            REPORT,
            AUDIT_LOG
        }
    }

    /** A statistic over the sites' records is asked for. */
    @About("A statistic over the sites' records is asked for.")
    record QueryStatistics(
            @About("the federation's name") String federation,
            @About("the moment of the request") Instant now,
            @About("the declared use of the answer") Optional<String> purpose,
            @About("whose law the federation is run under") Optional<String> jurisdiction,
            @About("who asks") Party author,
            @About("who has approved this request") List<Approval> approvals,

            @About("what is asked, such as mean, histogram or count")
            String statistic,

            @About("the sites that are asked") List<Site> sites,

            @About("records that the answer is computed from, over all sites")
            Optional<Long> records,

            @About("records in the smallest group that the answer tells apart")
            Optional<Long> smallestGroup,

            @About("what the subjects of the datasets agreed to")
            Optional<List<Consent>> consents,

            @About("what the answer costs in privacy") Optional<PrivacyLoss> cost,

            @About("what has been spent when the answer is given")
            Optional<Privacy> privacy)
            implements GovernedRequest {
        public QueryStatistics {
            approvals = List.copyOf(approvals);
            sites = List.copyOf(sites);
            consents = consents.map(List::copyOf);
        }
    }

    /** The policies in force are to change. */
    @About("The policies in force are to change.")
    record ChangePolicy(
            @About("the federation's name") String federation,
            @About("the moment of the request") Instant now,
            @About("whose law the federation is run under") Optional<String> jurisdiction,
            @About("who asks for it") Party author,
            @About("who has approved this request") List<Approval> approvals,
            @About("hash of the set in force") String fromHash,
            @About("hash of the set that is to be in force") String toHash,
            @About("documents that are new") List<String> added,
            @About("documents that say something else") List<String> changed,
            @About("documents that are gone") List<String> removed)
            implements GovernedRequest {
        public ChangePolicy {
            approvals = List.copyOf(approvals);
            added = List.copyOf(added);
            changed = List.copyOf(changed);
            removed = List.copyOf(removed);
        }
    }

    /** Where a version of the model stands. Written in lower case. */
    enum Stage {
        CANDIDATE,
        CANARY,
        RELEASED,
        RETIRED
    }
}
