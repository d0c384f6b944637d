-- How far the books have been checked: the last event, payment and refund of which all is known to hold.

CREATE TABLE book_mark (
    row     INTEGER PRIMARY KEY CHECK (row = 1),
    event   INTEGER NOT NULL,
    payment INTEGER NOT NULL,
    refund  INTEGER NOT NULL
) STRICT;
