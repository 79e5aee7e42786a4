package main

import (
	"fmt"

	"github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/common"
	sqlserver "github.com/tencentcloud/tencentcloud-sdk-go/tencentcloud/sqlserver/v20180328"
	"virga.test/sdk/steps"
)

// whole is an instance from its purchase to its end, with what a client makes in it. The first error ends it.
type whole struct {
	client   *sqlserver.Client
	instance string
	facts    steps.Facts
	err      error
}

func (w *whole) wait(flow int64) {
	seen, err := config.Poll(func() (int64, error) { return status(w.client, flow) })
	if w.err = err; err == nil && seen[len(seen)-1] != 0 {
		w.err = fmt.Errorf("flow %d ended with %v", flow, seen)
	}
}

func (w *whole) buy() {
	request := sqlserver.NewCreateDBInstancesRequest()
	request.Zone = common.StringPtr(config.Region + "-3")
	request.Memory, request.Storage = common.Int64Ptr(4), common.Int64Ptr(20)
	request.InstanceChargeType = common.StringPtr("POSTPAID")
	request.DBVersion = common.StringPtr("2017")
	request.VpcId, request.SubnetId = common.StringPtr("vpc-aaaaaaaa"), common.StringPtr("subnet-aaaaaaaa")
	request.ResourceTags = []*sqlserver.ResourceTag{{TagKey: common.StringPtr("made by"), TagValue: common.StringPtr("go")}}
	bought, err := w.client.CreateDBInstances(request)
	if w.err = err; err != nil {
		return
	}
	orders := sqlserver.NewDescribeOrdersRequest()
	orders.DealNames = []*string{bought.Response.DealName}
	found, err := w.client.DescribeOrders(orders)
	if w.err = err; err != nil {
		return
	}
	deal := found.Response.Deals[0]
	w.instance = *deal.InstanceIdSet[0]
	w.wait(int64(*deal.FlowId))
}

func (w *whole) shown() *sqlserver.DBInstance {
	request := sqlserver.NewDescribeDBInstancesRequest()
	request.InstanceIdSet = common.StringPtrs([]string{w.instance})
	found, err := w.client.DescribeDBInstances(request)
	if w.err = err; err != nil {
		return &sqlserver.DBInstance{Status: common.Int64Ptr(0)}
	}
	return found.Response.DBInstances[0]
}

func (w *whole) account() {
	request := sqlserver.NewCreateAccountRequest()
	request.InstanceId = &w.instance
	request.Accounts = []*sqlserver.AccountCreateInfo{{UserName: common.StringPtr("app"), Password: common.StringPtr("Secret_word_1")}}
	made, err := w.client.CreateAccount(request)
	if err != nil {
		w.err = err
		return
	}
	w.wait(int64(*made.Response.FlowId))
}

func (w *whole) database() {
	request := sqlserver.NewCreateDBRequest()
	request.InstanceId = &w.instance
	request.DBs = []*sqlserver.DBCreateInfo{{DBName: common.StringPtr("shop"), Charset: common.StringPtr("Chinese_PRC_CI_AS")}}
	made, err := w.client.CreateDB(request)
	if err != nil {
		w.err = err
		return
	}
	w.wait(int64(*made.Response.FlowId))
}

func (w *whole) privilege() {
	request := sqlserver.NewModifyAccountPrivilegeRequest()
	request.InstanceId = &w.instance
	request.Accounts = []*sqlserver.AccountPrivilegeModifyInfo{{UserName: common.StringPtr("app"),
		DBPrivileges: []*sqlserver.DBPrivilegeModifyInfo{{DBName: common.StringPtr("shop"), Privilege: common.StringPtr("ReadOnly")}}}}
	made, err := w.client.ModifyAccountPrivilege(request)
	if err != nil {
		w.err = err
		return
	}
	if w.wait(int64(*made.Response.FlowId)); w.err != nil {
		return
	}
	list := sqlserver.NewDescribeAccountsRequest()
	list.InstanceId = &w.instance
	found, err := w.client.DescribeAccounts(list)
	if w.err = err; err == nil {
		account := found.Response.Accounts[0]
		w.facts["privilege"] = []string{*account.Name, *account.Dbs[0].DBName, *account.Dbs[0].Privilege}
	}
}

// backup makes one, and restores it to a new database.
func (w *whole) backup() {
	request := sqlserver.NewCreateBackupRequest()
	request.InstanceId = &w.instance
	made, err := w.client.CreateBackup(request)
	if err != nil {
		w.err = err
		return
	}
	if w.wait(int64(*made.Response.FlowId)); w.err != nil {
		return
	}
	list := sqlserver.NewDescribeBackupsRequest()
	list.InstanceId = &w.instance
	list.StartTime, list.EndTime = common.StringPtr("2000-01-01 00:00:00"), common.StringPtr("2099-01-01 00:00:00")
	found, err := w.client.DescribeBackups(list)
	if err != nil {
		w.err = err
		return
	}
	w.facts["backups"] = *found.Response.TotalCount
	restore := sqlserver.NewRestoreInstanceRequest()
	restore.InstanceId = &w.instance
	restore.BackupId = common.Int64Ptr(int64(*found.Response.Backups[0].Id))
	restore.RenameRestore = []*sqlserver.RenameRestoreDatabase{{OldName: common.StringPtr("shop"), NewName: common.StringPtr("shop_back")}}
	started, err := w.client.RestoreInstance(restore)
	if err != nil {
		w.err = err
		return
	}
	w.wait(int64(*started.Response.FlowId))
}

func (w *whole) clone() {
	request := sqlserver.NewCloneDBRequest()
	request.InstanceId = &w.instance
	request.RenameRestore = []*sqlserver.RenameRestoreDatabase{{OldName: common.StringPtr("shop"), NewName: common.StringPtr("shop_copy")}}
	made, err := w.client.CloneDB(request)
	if err != nil {
		w.err = err
		return
	}
	if w.wait(int64(*made.Response.FlowId)); w.err != nil {
		return
	}
	list := sqlserver.NewDescribeDBsRequest()
	list.InstanceIdSet = common.StringPtrs([]string{w.instance})
	found, err := w.client.DescribeDBs(list)
	if w.err = err; err != nil {
		return
	}
	names := []string{}
	for _, database := range found.Response.DBInstances[0].DBDetails {
		names = append(names, *database.Name)
	}
	w.facts["databases"] = names
}

// end isolates the instance and takes it from the recycle bin.
func (w *whole) end() {
	request := sqlserver.NewTerminateDBInstanceRequest()
	request.InstanceIdSet = common.StringPtrs([]string{w.instance})
	if _, w.err = w.client.TerminateDBInstance(request); w.err != nil {
		return
	}
	if w.facts["isolated"] = *w.shown().Status; w.err != nil {
		return
	}
	remove := sqlserver.NewDeleteDBInstanceRequest()
	remove.InstanceId = &w.instance
	if _, w.err = w.client.DeleteDBInstance(remove); w.err == nil {
		w.facts["deleted"] = *w.shown().Status
	}
}

func wholeInstance() (steps.Facts, error) {
	client, err := how{}.client()
	if err != nil {
		return nil, err
	}
	w := &whole{client: client, facts: steps.Facts{}}
	for _, part := range []func(){w.buy, w.tag, w.account, w.database, w.privilege, w.backup, w.clone, w.end} {
		if part(); w.err != nil {
			return w.facts, w.err
		}
	}
	return w.facts, nil
}

func (w *whole) tag() {
	instance := w.shown()
	if w.err != nil {
		return
	}
	w.facts["status"] = *instance.Status
	tags := map[string]string{}
	for _, tag := range instance.ResourceTags {
		tags[*tag.TagKey] = *tag.TagValue
	}
	w.facts["tags"] = tags
}
