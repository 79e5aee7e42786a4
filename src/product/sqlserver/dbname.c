/* The words are one text and not a table of pointers: a name is looked up when a database is made, which is
 * seldom. */
#include "product/sqlserver/dbname.h"

#include "base/buf.h"
#include "base/clock.h"

/* The four databases of every server, the one that replication adds, and the words that Transact-SQL keeps
 * for itself. */
static const struct str reserved_words =
    STR_INIT("MASTER MODEL MSDB TEMPDB DISTRIBUTION"
             " ADD ALL ALTER AND ANY AS ASC AUTHORIZATION BACKUP BEGIN BETWEEN BREAK BROWSE BULK BY CASCADE"
             " CASE CHECK CHECKPOINT CLOSE CLUSTERED COALESCE COLLATE COLUMN COMMIT COMPUTE CONSTRAINT"
             " CONTAINS CONTAINSTABLE CONTINUE CONVERT CREATE CROSS CURRENT CURRENT_DATE CURRENT_TIME"
             " CURRENT_TIMESTAMP CURRENT_USER CURSOR DATABASE DBCC DEALLOCATE DECLARE DEFAULT DELETE DENY"
             " DESC DISK DISTINCT DISTRIBUTED DOUBLE DROP DUMP ELSE END ERRLVL ESCAPE EXCEPT EXEC EXECUTE"
             " EXISTS EXIT EXTERNAL FETCH FILE FILLFACTOR FOR FOREIGN FREETEXT FREETEXTTABLE FROM FULL"
             " FUNCTION GOTO GRANT GROUP HAVING HOLDLOCK IDENTITY IDENTITY_INSERT IDENTITYCOL IF IN INDEX"
             " INNER INSERT INTERSECT INTO IS JOIN KEY KILL LEFT LIKE LINENO LOAD MERGE NATIONAL NOCHECK"
             " NONCLUSTERED NOT NULL NULLIF OF OFF OFFSETS ON OPEN OPENDATASOURCE OPENQUERY OPENROWSET"
             " OPENXML OPTION OR ORDER OUTER OVER PERCENT PIVOT PLAN PRECISION PRIMARY PRINT PROC PROCEDURE"
             " PUBLIC RAISERROR READ READTEXT RECONFIGURE REFERENCES REPLICATION RESTORE RESTRICT RETURN"
             " REVERT REVOKE RIGHT ROLLBACK ROWCOUNT ROWGUIDCOL RULE SAVE SCHEMA SECURITYAUDIT SELECT"
             " SESSION_USER SET SETUSER SHUTDOWN SOME STATISTICS SYSTEM_USER TABLE TABLESAMPLE TEXTSIZE THEN"
             " TO TOP TRAN TRANSACTION TRIGGER TRUNCATE TRY_CONVERT TSEQUAL UNION UNIQUE UNPIVOT UPDATE"
             " UPDATETEXT USE USER VALUES VARYING VIEW WAITFOR WHEN WHERE WHILE WITH WRITETEXT");

bool dbname_reserved(struct str name)
{
    struct str rest = reserved_words, word;
    while (str_next(&rest, ' ', &word))
        if (str_eq_nocase(word, name))
            return true;
    return false;
}

struct str dbname_of_copy(struct arena *a, struct str name, int64_t at_ms)
{
    struct str time = time_beijing_compact(a, at_ms);
    size_t n = name.n + time.n + 1;
    struct buf b;
    buf_init(&b, a, n, n);
    buf_put(&b, name);
    buf_putc(&b, '_');
    buf_put(&b, time);
    return buf_str(&b);
}
