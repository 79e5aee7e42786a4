/* What a client needs to make and upload the backups of an import: DescribeBackupCommand,
 * DescribeUploadBackupInfo, DescribeUploadIncrementalInfo, DescribeBackupUploadSize. */
#include "core/page.h"
#include "product/sqlserver/import_task.h"

/* --- DescribeBackupCommand --- */

/* A name or path within quotation marks or brackets must not end them. */
static int check_quotable(struct call *c, const char *param, struct str text)
{
    for (size_t i = 0; i < text.n; i++) {
        unsigned char byte = (unsigned char)text.p[i];
        if (byte < ' ' || byte == '\'' || byte == '[' || byte == ']')
            return call_fail_explained(c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "command.characters",
                                       "%s has a quotation mark, a bracket or a control character", param);
    }
    return 0;
}

/* The kinds of backups that are more than one: the statement, and what their files' names say (documented;
 * that of differential ones in the guide of the console). */
struct backup_kind {
    struct str type, statement, mark, options;
};
static const struct backup_kind backup_kinds[] = {
    {STR_INIT("FULL_LOG"), STR_INIT("DATABASE"), STR_INIT("2full2_2"), STR_INIT("INIT")},
    {STR_INIT("FULL_DIFF"), STR_INIT("DATABASE"), STR_INIT("1full1_1"), STR_INIT("INIT")},
    {STR_INIT("LOG"), STR_INIT("LOG"), STR_INIT("2log2_2"), STR_INIT("FORMAT, INIT")},
    {STR_INIT("DIFF"), STR_INIT("DATABASE"), STR_INIT("1diff1_1"), STR_INIT("DIFFERENTIAL, FORMAT, INIT")},
};

/* A script that puts the time into the name of the file. The form is that of the documented examples, with
 * real ends of lines, which the examples have escaped twice (assumed). */
static struct str script(struct arena *a, const struct backup_kind *kind, struct str database,
                         struct str folder, bool is_recovery)
{
    const char *word = is_recovery ? "reconvery" : "noreconvery"; /* so spelled */
    struct str digit = str_head(str_skip(kind->mark, kind->mark.n - 1), 1);
    struct str file = arena_printf(a, "_%.*s%s%.*s.bak", STR_ARG(kind->mark), word, STR_ARG(digit));
    return arena_printf(a,
                        "declare @dbname varchar(100)\n"
                        "declare @localtime varchar(20)\n"
                        "declare @str varchar(8000)\n"
                        "set @dbname='%.*s'\n"
                        "set @localtime =replace(replace(replace(CONVERT(varchar, getdate(), 120 )"
                        ",'-',''),' ',''),':','')\n"
                        "set @str='BACKUP %.*s [' + @dbname + '] TO  DISK = N''%.*s' + @dbname + '_' +"
                        " @localtime + '%.*s'' WITH %.*s'\n"
                        "exec(@str)\n"
                        "go",
                        STR_ARG(database), STR_ARG(kind->statement), STR_ARG(folder), STR_ARG(file),
                        STR_ARG(kind->options));
}

int describe_backup_command(struct call *c, const struct describe_backup_command_in *in,
                            struct describe_backup_command_out *out)
{
    struct str folder = in->local_path;
    if (check_quotable(c, "DataBaseName", in->data_base_name) != 0 ||
        check_quotable(c, "LocalPath", folder) != 0)
        return -1;
    if (!str_ends(folder, STR("/")) && !str_ends(folder, STR("\\")))
        folder = CONCAT(c->arena, folder, STR("\\"));
    out->command = arena_printf(c->arena, "BACKUP DATABASE %.*s TO DISK='%.*s%.*s.bak' WITH INIT",
                                STR_ARG(in->data_base_name), STR_ARG(folder), STR_ARG(in->data_base_name));
    for (size_t i = 0; i < sizeof backup_kinds / sizeof backup_kinds[0]; i++)
        if (str_eq(backup_kinds[i].type, in->backup_file_type))
            out->command = script(c->arena, &backup_kinds[i], in->data_base_name, folder,
                                  str_eq(in->is_recovery, STR("YES")));
    return 0;
}

/* --- DescribeUploadBackupInfo, DescribeUploadIncrementalInfo --- */

/* The answer of both actions. */
struct upload {
    struct str bucket_name, path, tmp_secret_id, tmp_secret_key, cos_security_token, start_time, expired_time;
};

/* Where to upload the file of the call's task. No bucket is emulated: the names and the secrets say so, and a
 * file that BackupFiles names counts as uploaded (assumed). */
static int describe_upload(struct call *c, const struct import *import, struct upload *ret_upload)
{
    enum { VALID_SECONDS = 500 }; /* documented by example */
    const struct import_task *task = import->task;
    const int64_t now = world_now_ms(c->world) / 1000;
    if (!str_eq(task->upload_type, STR("COS_UPLOAD")))
        return call_fail_explained(c, ERR_UNSUPPORTED_OPERATION_UPLOAD_TYPE_ERROR, "import.upload-type",
                                   "the UploadType of %.*s is COS_URL", STR_ARG(task->full_id));
    if (import_accept(c, import, IMPORT_READY) != 0)
        return -1;
    struct str path = arena_printf(c->arena, "%.*s/sqlserver/%.*s/migration/backup/%.*s/",
                                   STR_ARG(c->credential->account->uin),
                                   STR_ARG(import->instance.instance_id), STR_ARG(task->full_id));
    if (task->incremental_id.n > 0)
        path = CONCAT(c->arena, path, STR("increment/"), task->incremental_id, STR("/"));
    *ret_upload = (struct upload){
        .bucket_name = STR("virga-no-real-bucket"),
        .path = path,
        .tmp_secret_id = STR("virga-no-real-secret-id"),
        .tmp_secret_key = STR("virga-no-real-secret-key"),
        .cos_security_token = STR("virga-no-real-token"),
        .start_time = arena_printf(c->arena, "%lld", (long long)now),
        .expired_time = arena_printf(c->arena, "%lld", (long long)now + VALID_SECONDS),
    };
    return 0;
}

/* Fills either answer. */
#define PUT_UPLOAD(out, import, upload)                                                                      \
    ((out)->bucket_name = (upload).bucket_name, (out)->region = (import).instance.region,                    \
     (out)->path = (upload).path, (out)->tmp_secret_id = (upload).tmp_secret_id,                             \
     (out)->tmp_secret_key = (upload).tmp_secret_key,                                                        \
     (out)->cos_security_token = (upload).cos_security_token, (out)->start_time = (upload).start_time,       \
     (out)->expired_time = (upload).expired_time)

int describe_upload_backup_info(struct call *c, const struct describe_upload_backup_info_in *in,
                                struct describe_upload_backup_info_out *out)
{
    struct import import;
    struct upload upload;
    if (import_get(c, in->instance_id, in->backup_migration_id, &import) != 0 ||
        describe_upload(c, &import, &upload) != 0)
        return -1;
    PUT_UPLOAD(out, import, upload);
    return 0;
}

int describe_upload_incremental_info(struct call *c, const struct describe_upload_incremental_info_in *in,
                                     struct describe_upload_incremental_info_out *out)
{
    struct import import;
    struct upload upload;
    if (import_get_incremental(c, in->instance_id, in->backup_migration_id, in->incremental_migration_id,
                               &import) != 0 ||
        describe_upload(c, &import, &upload) != 0)
        return -1;
    PUT_UPLOAD(out, import, upload);
    return 0;
}

/* --- DescribeBackupUploadSize --- */

/* The size of a file that was not uploaded to virga: the same each time (assumed; the number is that of the
 * documented example). */
enum { UPLOADED_BYTES = 172032 };

int describe_backup_upload_size(struct call *c, const struct describe_backup_upload_size_in *in,
                                struct describe_backup_upload_size_out *out)
{
    struct import import;
    int rc = in->incremental_migration_id.n > 0
                 ? import_get_incremental(c, in->instance_id, in->backup_migration_id,
                                          in->incremental_migration_id, &import)
                 : import_get(c, in->instance_id, in->backup_migration_id, &import);
    if (rc != 0)
        return -1;
    if (!str_eq(import.task->upload_type, STR("COS_UPLOAD")))
        return call_fail_explained(c, ERR_INVALID_PARAMETER_VALUE_COS_PATH_ERROR, "import.upload-type",
                                   "the UploadType of %.*s is COS_URL", STR_ARG(import.full.full_id));
    out->cos_upload_backup_file_set.set = true;
    if (import.task->file.n > 0)
        *LIST_ADD(c->arena, &out->cos_upload_backup_file_set) = (struct cos_upload_backup_file){
            .file_name = import_file_name(import.task->file), .size = I64(UPLOADED_BYTES)};
    return 0;
}
