-- What may be told of whom, and what was debited for it. Composition is not addition, so no column can add debits up; the
-- program judges each debit by all before it, and the keys see to it that it has seen all of them: a debit takes the number
-- after the last one that was read, so of two that read the same, one fails. No row is ever changed or removed.
CREATE TABLE budget (
    id BIGINT GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    federation VARCHAR(63) NOT NULL,
    holder VARCHAR(16) NOT NULL CHECK (holder IN ('federation', 'site', 'subject-group')),
    name VARCHAR(63) NOT NULL,
    purpose VARCHAR(63) NOT NULL,
    unit VARCHAR(16) NOT NULL,
    relation VARCHAR(16) NOT NULL,
    epsilon DOUBLE PRECISION NOT NULL CHECK (epsilon >= 0),
    delta DOUBLE PRECISION NOT NULL CHECK (delta > 0 AND delta <= 1),
    UNIQUE (federation, holder, name, purpose),
    UNIQUE (id, epsilon)
);

CREATE TABLE budget_debit (
    budget BIGINT NOT NULL,
    number BIGINT NOT NULL,
    -- The debit before, so that numbers have no gaps.
    previous BIGINT,
    release_id VARCHAR(200) NOT NULL,
    release TEXT NOT NULL,
    debited_at TIMESTAMPTZ NOT NULL,
    spent DOUBLE PRECISION NOT NULL,
    -- The budget's own, by the foreign key: even a program that misjudges cannot write down more than there is.
    limit_epsilon DOUBLE PRECISION NOT NULL,
    PRIMARY KEY (budget, number),
    UNIQUE (budget, release_id),
    FOREIGN KEY (budget, limit_epsilon) REFERENCES budget (id, epsilon),
    FOREIGN KEY (budget, previous) REFERENCES budget_debit (budget, number),
    CHECK ((number = 1 AND previous IS NULL) OR (number > 1 AND previous = number - 1)),
    CHECK (spent <= limit_epsilon)
);

CREATE FUNCTION refuse_change_of_budgets() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'budgets and debits are only ever added';
END $$;

CREATE TRIGGER budget_is_kept BEFORE UPDATE OR DELETE ON budget FOR EACH ROW EXECUTE FUNCTION refuse_change_of_budgets();
CREATE TRIGGER budget_debit_is_kept BEFORE UPDATE OR DELETE ON budget_debit
    FOR EACH ROW EXECUTE FUNCTION refuse_change_of_budgets();
CREATE TRIGGER budget_is_not_emptied BEFORE TRUNCATE ON budget
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_budgets();
CREATE TRIGGER budget_debit_is_not_emptied BEFORE TRUNCATE ON budget_debit
    FOR EACH STATEMENT EXECUTE FUNCTION refuse_change_of_budgets();
