-- Encryption of an instance: of its files (TDE), and of its connections (SSL).

ALTER TABLE instance ADD COLUMN tde INTEGER NOT NULL DEFAULT 0 CHECK (tde IN (0, 1));
ALTER TABLE instance ADD COLUMN tde_certificate TEXT NOT NULL DEFAULT 'none'; -- self, others, kms, none
ALTER TABLE instance ADD COLUMN tde_quote_uin TEXT NOT NULL DEFAULT '';  -- the account whose certificate it is
ALTER TABLE instance ADD COLUMN tde_key TEXT NOT NULL DEFAULT '';
ALTER TABLE instance ADD COLUMN tde_key_region TEXT NOT NULL DEFAULT '';
ALTER TABLE instance ADD COLUMN ssl TEXT NOT NULL DEFAULT 'disable';     -- enum SslStatus
ALTER TABLE instance ADD COLUMN ssl_until_ms INTEGER;                    -- when the certificate ends; NULL: there is none
ALTER TABLE instance ADD COLUMN ssl_key TEXT NOT NULL DEFAULT '';        -- the key of KMS; '': not protected by one
ALTER TABLE instance ADD COLUMN ssl_key_region TEXT NOT NULL DEFAULT '';

-- A version that kept no state of the instance showed it by its databases.
UPDATE instance SET tde = 1, tde_certificate = 'self' WHERE EXISTS (SELECT 1 FROM database WHERE database.instance = instance.id AND encrypted);
