/* What the billing service is given for a purchase: DescribeInquiryPriceParameter, to ask for the price, and
 * DescribeInstanceTradeParameter, to buy.
 *
 * The answers are JSON in a text. Names and order are those of the documented examples; which names there are
 * for other architectures and disks is assumed.
 */
#include <assert.h>

#include "base/buf.h"
#include "core/page.h"
#include "product/sqlserver/price.h"

enum {
    PARAMETER_ROOM = 1024,
    PARAMETER_MAX = 64 * 1024, /* more than 50 tags of the longest keys and values that tags have */
    GOODS_CATEGORY = 1025890,  /* documented by example */
};

/* --- parts --- */

static void put_key(struct buf *b, const char *key)
{
    buf_printf(b, "\"%s\":", key);
}

static void put_text(struct buf *b, const char *key, struct str value)
{
    put_key(b, key);
    buf_put_json_string(b, value.p ? value : STR(""));
    buf_putc(b, ',');
}

static void put_number(struct buf *b, const char *key, int64_t value)
{
    put_key(b, key);
    buf_put_i64(b, value);
    buf_putc(b, ',');
}

/* "}" or "]" in place of the comma after the last member. */
static void put_end(struct buf *b, char end)
{
    assert(b->n > 0 && (b->over || b->p[b->n - 1] == ','));
    if (!b->over)
        b->p[b->n - 1] = end;
}

/* The number of a zone: of one that the schema does not have, what its name says. */
static int64_t zone_number(const struct region *region, struct str zone)
{
    enum { ZONES_MAX = 1000 };
    for (size_t i = 0; i < region->n_zones; i++)
        if (str_eq(region->zones[i].name, zone))
            return region->zones[i].id;
    int64_t digits = 0;
    if (str_to_i64(str_skip(zone, region->name.n + 1), &digits) != 0)
        digits = 0;
    return region->zones[0].id / ZONES_MAX * ZONES_MAX + digits % ZONES_MAX;
}

static struct str zone_title(const struct call *c, const struct region *region, struct str zone)
{
    for (size_t i = 0; i < region->n_zones; i++)
        if (str_eq(region->zones[i].name, zone))
            return call_in_chinese(c) ? region->zones[i].title_zh : region->zones[i].title;
    return zone;
}

/* --- what is bought --- */

/* What is common to both answers. */
struct trade {
    struct call *c;
    const struct purchase *purchase;
    const struct sale_type_row *type;
    const struct region *region;
    struct str product; /* "sp_sqlserver_dual_exclusive_cloud" */
    struct buf json;
};

/* Versions such as 201202 are the standard edition (documented). */
static bool is_standard(struct str version)
{
    enum { WITH_EDITION = 6 };
    return version.n == WITH_EDITION && str_eq(str_skip(version, 4), STR("02"));
}

/* What a part costs depends on the edition: that of the other one is 0. */
static void put_part(struct trade *t, const char *part, int64_t value)
{
    bool standard = is_standard(t->purchase->like.version);
    const char *disk = t->type->local ? "local" : "cloud";
    struct str word = t->type->word;
    buf_printf(&t->json, "\"sv_sqlserver_%s_%.*s_exclusive_%s_enterprise\":%lld,", part, STR_ARG(word), disk,
               standard ? 0LL : (long long)value);
    buf_printf(&t->json, "\"sv_sqlserver_%s_%.*s_exclusive_%s_standard\":%lld,", part, STR_ARG(word), disk,
               standard ? (long long)value : 0LL);
}

/* The first three are always there (documented by example). */
static void put_disks(struct trade *t)
{
    static const struct {
        struct str machine;
        const char *word;
    } disks[] = {{STR_INIT("CLOUD_HSSD"), "enhancedssd"},  {STR_INIT("CLOUD_TSSD"), "fastssd"},
                 {STR_INIT("CLOUD_BSSD"), "universalssd"}, {STR_INIT("CLOUD_SSD"), "ssd"},
                 {STR_INIT("CLOUD_PREMIUM"), "premium"},   {STR_INIT("PM"), "local"}};
    enum { ALWAYS = 3 };
    for (size_t i = 0; i < sizeof disks / sizeof disks[0]; i++) {
        bool own = str_eq(disks[i].machine, t->purchase->like.machine_type);
        if (own || i < ALWAYS)
            buf_printf(&t->json, "\"sv_sqlserver_disk_%.*s_%s\":%lld,", STR_ARG(t->type->word), disks[i].word,
                       own ? (long long)t->purchase->like.storage.v : 0LL);
    }
}

static void put_size(struct trade *t)
{
    put_part(t, "cpu", t->purchase->like.cpu.v);
    put_part(t, "mem", t->purchase->like.memory.v);
    put_disks(t);
}

/* Opens the list of goods and its only element, up to the detail that both answers begin with. */
static void put_goods(struct trade *t, const char *list)
{
    struct buf *b = &t->json;
    put_key(b, list);
    buf_put(b, STR("[{"));
    put_number(b, "goodsCategoryId", GOODS_CATEGORY);
    put_number(b, "goodsNum", t->purchase->goods);
    put_number(b, "payMode", t->purchase->like.pay_mode.v);
    put_number(b, "regionId", t->region->id);
    put_number(b, "zoneId", zone_number(t->region, t->purchase->like.zone));
    put_key(b, "goodsDetail");
    buf_putc(b, '{');
    put_number(b, "pid", t->type->pid);
    put_text(b, "productCode", STR("p_sqlserver"));
    put_text(b, "subProductCode", t->product);
    put_number(b, "timeSpan", t->purchase->like.pay_mode.v == 1 ? t->purchase->months : 1);
    put_text(b, "timeUnit", t->purchase->like.pay_mode.v == 1 ? STR("m") : STR("h"));
}

/* Checks the purchase and begins the answer with the account. */
static int begin(struct trade *t, struct call *c, struct purchase *p)
{
    struct str uin = c->credential->account->uin;
    if (priced_purchase_check(p) != 0)
        return -1;
    *t = (struct trade){c,
                        p,
                        sale_type_find(p->like.instance_type),
                        product_find_region(c->product, c->common.region),
                        {NULL, 0},
                        {0}};
    t->product = CONCAT(c->arena, STR("sp_sqlserver_"), t->type->word,
                        t->type->local ? STR("_exclusive_local") : STR("_exclusive_cloud"));
    assert(t->region); /* the step `region` has checked it */
    buf_init(&t->json, c->arena, PARAMETER_ROOM, PARAMETER_MAX);
    buf_putc(&t->json, '{');
    put_text(&t->json, "uin", uin);
    put_text(&t->json, "ownerUin", uin);
    return 0;
}

/* The documented texts end with a line break. Only tags and names of zones can be too long. */
static int finish(struct trade *t, struct str *ret_text)
{
    buf_put(&t->json, STR("}]}\n"));
    if (t->json.over)
        return call_fail_explained(t->c, ERR_INVALID_PARAMETER_INPUT_ILLEGAL, "trade.too-long",
                                   "the parameters are longer than %d bytes", PARAMETER_MAX);
    *ret_text = buf_str(&t->json);
    return 0;
}

/* --- DescribeInquiryPriceParameter --- */

int describe_inquiry_price_parameter(struct call *c, const struct describe_inquiry_price_parameter_in *in,
                                     struct describe_inquiry_price_parameter_out *out)
{
    struct purchase p = PRICED_PURCHASE(c, in);
    struct trade t;
    if (begin(&t, c, &p) != 0)
        return -1;
    put_goods(&t, "resInfo");
    put_text(&t.json, "goodsSubType", t.product);
    put_size(&t);
    put_end(&t.json, '}');
    buf_put(&t.json, STR(",\"platform\":1"));
    return finish(&t, &out->parameter);
}

/* --- DescribeInstanceTradeParameter --- */

static void put_info(struct buf *b, struct str name, struct str value)
{
    buf_put(b, STR("{\"name\":"));
    buf_put_json_string(b, name);
    buf_put(b, STR(",\"value\":"));
    buf_put_json_string(b, value);
    buf_put(b, STR("},"));
}

/* What the order shows a person. */
static void put_product_info(struct trade *t)
{
    struct call *c = t->c;
    const struct world_instance *like = &t->purchase->like;
    bool zh = call_in_chinese(c);
    const struct str values[TRADE_LABEL_ROWS] = {
        arena_printf(c->arena, "%lld", (long long)like->project_id.v),
        arena_printf(c->arena, "%lld GB, %lld GB, SQL Server %.*s", (long long)like->memory.v,
                     (long long)like->storage.v, STR_ARG(like->version)),
        like->instance_type,
        zh ? t->region->title_zh : t->region->title,
        zone_title(c, t->region, like->zone),
    };
    put_key(&t->json, "productInfo");
    buf_putc(&t->json, '[');
    for (size_t i = 0; i < TRADE_LABEL_ROWS; i++)
        put_info(&t->json, zh ? trade_label_rows[i].zh : trade_label_rows[i].en, values[i]);
    put_info(&t->json, STR("RequestSource"), STR("API"));
    put_end(&t->json, ']');
    buf_putc(&t->json, ',');
}

/* Every day when the client names none. */
static void put_weekly(struct trade *t)
{
    const struct i64_list *days = &t->purchase->like.maintenance_days;
    put_key(&t->json, "weekly");
    if (days->n == 0) {
        buf_put(&t->json, STR("[1,2,3,4,5,6,7],"));
        return;
    }
    buf_putc(&t->json, '[');
    for (size_t i = 0; i < days->n; i++)
        buf_printf(&t->json, "%lld,", (long long)days->v[i]);
    put_end(&t->json, ']');
    buf_putc(&t->json, ',');
}

/* null without tags (documented by example). */
static void put_tags(struct trade *t)
{
    const struct resource_tag_list *tags = t->purchase->tags;
    put_key(&t->json, "ResourceTags");
    if (tags->n == 0) {
        buf_put(&t->json, STR("null,"));
        return;
    }
    buf_putc(&t->json, '[');
    for (size_t i = 0; i < tags->n; i++) {
        buf_putc(&t->json, '{');
        put_text(&t->json, "TagKey", tags->v[i].tag_key);
        put_text(&t->json, "TagValue", tags->v[i].tag_value);
        put_end(&t->json, '}');
        buf_putc(&t->json, ',');
    }
    put_end(&t->json, ']');
    buf_putc(&t->json, ',');
}

/* Documented, of DBInstance.Model, where 1, 2, 3, 6 and 7 are one node, two, and several in one zone or more.
 */
static int64_t model_of(const struct trade *t)
{
    enum { DOUBLE = 1, SINGLE = 2, DOUBLE_ZONES = 3, MULTI_ZONES = 7 };
    if (str_eq(t->type->architecture, STR("SINGLE")))
        return SINGLE;
    if (str_eq(t->type->architecture, STR("MULTI")))
        return MULTI_ZONES;
    return t->purchase->like.multi_zones.v ? DOUBLE_ZONES : DOUBLE;
}

static void put_terms(struct trade *t)
{
    const struct world_instance *like = &t->purchase->like;
    struct buf *b = &t->json;
    put_product_info(t);
    put_number(b, "autoRenewFlag", like->renew_flag.v);
    put_number(b, "goodsNum", t->purchase->goods);
    put_text(b, "type", like->machine_type);
    put_text(b, "version", like->version);
    put_number(b, "subnetId", instance_network_number(like->subnet_id, 1000000));
    put_number(b, "vpcId", instance_network_number(like->vpc_id, 10000));
    put_number(b, "model", model_of(t));
    put_weekly(t);
    put_text(b, "startTime", like->maintenance_start);
    put_number(b, "span", like->maintenance_span.v);
    put_number(b, "RoGroupForcedUpgrade", 0);
    put_tags(t);
    put_number(b, "waitSwitch", 1);
    buf_put(b, STR("\"ExtParam\":{\"token\":\"\",\"useragent\":\"\",\"referer\":\"\",\"from\":\"\"},"));
    put_text(b, "collation", like->collation);
    put_text(b, "timeZone", like->time_zone);
}

/* virga has no number of the application, so it is made of the account (assumed). */
static int64_t app_id(const struct call *c)
{
    enum { LEAST = 1250000000, RANGE = 100000000 };
    return LEAST + str_hash32(c->credential->account->uin) % RANGE;
}

int describe_instance_trade_parameter(struct call *c, const struct describe_instance_trade_parameter_in *in,
                                      struct describe_instance_trade_parameter_out *out)
{
    struct purchase p = {PURCHASE_COMMON(c, in), .many_nodes = in->multi_nodes.v};
    struct trade t;
    PURCHASE_TERMS(&p, in);
    PURCHASE_SIZE(&p, in);
    p.like.instance_type = in->instance_type;
    p.like.version = in->db_version;
    p.like.project_id = in->project_id;
    p.like.renew_flag = in->auto_renew_flag;
    p.like.maintenance_days = in->weekly;
    p.like.maintenance_start = in->start_time;
    p.like.maintenance_span = in->span;
    p.like.multi_zones = in->multi_zones;
    p.like.replica_zones = in->dr_zones;
    if (begin(&t, c, &p) != 0)
        return -1;
    put_number(&t.json, "appId", app_id(c));
    put_goods(&t, "goods");
    put_terms(&t);
    put_size(&t);
    put_end(&t.json, '}');
    return finish(&t, &out->parameter);
}
